// Of undici what the services use: all of it is a megabyte, half of it a browser's `fetch`.
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');

Object.assign(Dispatcher.prototype, require('undici/lib/api/index.js'));

module.exports = {
  Agent: require('undici/lib/dispatcher/agent.js'),
  errors: require('undici/lib/core/errors.js'),
  Pool: require('undici/lib/dispatcher/pool.js'),
};
