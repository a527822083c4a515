import { ShopctlError } from '../../errors/index.ts';
import { DURATION_PATTERN, parseDuration } from '../../lib/duration.ts';
import { didYouMean } from '../../source/index.ts';
import { type BrokerFaults, SHARES } from './faults.ts';

const SHARE = '(0(\\.\\d+)?|1(\\.0+)?|\\d(\\.\\d+)?e-\\d+)';

/** What stands behind the name of a fault. */
const FORMS = {
  share: { pattern: `^${SHARE}$`, shape: 'a share from 0 (never) to 1 (always)', example: '0.1' },
  delay: {
    pattern: `^${SHARE}:${DURATION_PATTERN.slice(1)}`,
    shape: 'a share and the longest delay, up to an hour',
    example: '0.2:500ms',
  },
  switch: { pattern: '^(on|off)$', shape: '`on` or `off`', example: 'on' },
} as const;

interface FaultForm {
  readonly name: string;
  readonly field: keyof BrokerFaults;
  readonly form: keyof typeof FORMS;
}

/** Every fault as people write it. */
export const FAULT_FORMS: readonly FaultForm[] = [
  ...SHARES.map((field) => ({ name: kebab(field), field, form: 'share' as const })),
  { name: 'delay', field: 'delay', form: 'delay' },
  { name: 'blocked', field: 'blocked', form: 'switch' },
];

const LONGEST_DELAY_MS = 3_600_000;

/**
 * Reads faults such as `duplicate=1` and `delay=0.2:500ms`; of two of a kind the later one counts.
 * @throws ShopctlError `usage`
 */
export function readFaults(texts: readonly string[]): BrokerFaults {
  let faults: BrokerFaults = {};
  for (const text of texts) faults = { ...faults, ...readFault(text) };
  return faults;
}

function readFault(text: string): BrokerFaults {
  const [name = '', value] = text.split(/=(.*)/s, 2);
  const { field, form } = FAULT_FORMS.find((known) => known.name === name) ?? unknown(name);
  const { pattern, shape, example } = FORMS[form];
  const [share, duration = ''] = (value ?? '').split(':');
  const maxMs = parseDuration(duration) ?? 0;
  if (value === undefined || !new RegExp(pattern).test(value) || maxMs > LONGEST_DELAY_MS) {
    throw new ShopctlError('usage', {
      message: `the fault \`${text}\` cannot be read`,
      hint: `${name} takes ${shape}, such as ${name}=${example}`,
    });
  }
  if (form === 'delay') return { delay: { share: Number(share), maxMs } };
  return { [field]: form === 'switch' ? value === 'on' : Number(value) };
}

function unknown(name: string): never {
  const names = FAULT_FORMS.map((known) => known.name);
  const near = didYouMean(name, names);
  throw new ShopctlError('usage', {
    message: `the broker has no fault \`${name}\``,
    hint: near === undefined ? `it has ${names.join(', ')}` : `did you mean \`${near}\`?`,
  });
}

/** The faults that strike, as {@link readFaults} takes them. */
export function writeFaults(faults: BrokerFaults): readonly string[] {
  return FAULT_FORMS.flatMap(({ name, field }) => {
    const value = faults[field];
    if (typeof value === 'object') return value.share > 0 ? [`${name}=${value.share}:${value.maxMs}ms`] : [];
    if (typeof value === 'boolean') return value ? [`${name}=on`] : [];
    return value !== undefined && value > 0 ? [`${name}=${value}`] : [];
  });
}

function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
