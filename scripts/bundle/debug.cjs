// Where nobody has set DEBUG there is nothing to tell.
const silent = () => undefined;
const off = Object.assign(() => undefined, {
  enabled: false,
  extend: () => off,
  log: silent,
  destroy: silent,
});

module.exports = process.env.DEBUG ? require('later:debug') : () => off;
