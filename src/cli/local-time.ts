/** `14:03:07.120` on this machine's clock, with the date where it is not today's. */
export function localTime(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  if (Number.isNaN(at.getTime())) return '';
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const exact = `${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  if (at.toDateString() === new Date(nowMs).toDateString()) return exact;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${exact}`;
}

const two = (number: number) => String(number).padStart(2, '0');
