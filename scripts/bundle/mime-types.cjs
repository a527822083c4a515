// The types of a service that speaks JSON. Every other is looked up in the list of all 2,500, which takes ten milliseconds
// to read.
const whole = () => require('later:mime-types');
const types = { json: 'application/json', html: 'text/html', text: 'text/plain', txt: 'text/plain' };
const charsets = {
  'application/json': 'UTF-8',
  'application/problem+json': false,
  'text/event-stream': 'UTF-8',
  'text/html': 'UTF-8',
  'text/plain': 'UTF-8',
};
const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

exports.lookup = (path) => own(types, path) ?? whole().lookup(path);
exports.charset = (type) => own(charsets, type) ?? whole().charset(type);
exports.contentType = (text) => {
  if (typeof text === 'string' && text.includes('/') && text.includes('charset')) return text;
  const type = own(types, text) ?? text;
  const charset = own(charsets, type);
  if (charset === undefined) return whole().contentType(text);
  return charset ? `${type}; charset=${charset.toLowerCase()}` : type;
};
for (const name of ['charsets', 'extension', 'extensions', 'types'])
  Object.defineProperty(exports, name, { enumerable: true, get: () => whole()[name] });
