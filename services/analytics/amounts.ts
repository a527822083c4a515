import { formatMoney, parseMoney } from '../kit/index.ts';

/** Minor units of an amount that was checked when it came. */
export function minorUnits(amount: string): number {
  const units = parseMoney(amount);
  if (units === undefined) throw new Error('an amount in the event log is none');
  return units;
}

/** As `formatMoney`, also below zero: on a day on which more went back than came in. */
export function formatNet(units: number): string {
  return units < 0 ? `-${formatMoney(-units)}` : formatMoney(units);
}
