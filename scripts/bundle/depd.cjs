// What is deprecated is told by the real one; to find out who asks, which it does at once, takes it ten milliseconds in a
// file of three megabytes.
module.exports = (namespace) => (message) => require('later:depd')(namespace)(message);
