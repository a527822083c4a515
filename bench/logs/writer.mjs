// Writes RATE numbered lines a second for SECONDS, then `end N`, and stays. Lines that it could not write in time come late,
// not never: how far behind it is at the end, `end` tells in milliseconds.
const rate = Number(process.env.RATE);
const total = rate * Number(process.env.SECONDS);
const padding = 'x'.repeat(80);

let written = 0;
const startedMs = performance.now();
const drained = () => new Promise((resolve) => process.stdout.once('drain', resolve));
while (written < total) {
  const due = Math.min(total, Math.floor(((performance.now() - startedMs) / 1_000) * rate));
  let text = '';
  for (; written < due; written += 1) text += `line ${written} ${padding}\n`;
  if (text !== '' && !process.stdout.write(text)) await drained();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const lateMs = performance.now() - startedMs - (total / rate) * 1_000;
process.stdout.write(`end ${written} late ${Math.round(lateMs)}\n`);
setInterval(() => undefined, 60_000);
