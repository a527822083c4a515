import { expect, it } from 'vitest';
import { FAULT_FORMS } from '../../../src/broker/embedded/fault-words.ts';
import { readFaults, writeFaults } from '../../../src/broker/embedded/index.ts';

it('reads shares, a delay and a switch, and the last word on each counts', () => {
  expect(
    readFaults([
      'duplicate=1',
      'cut-before-confirm=0.05',
      'delay=0.2:1m30s',
      'blocked=on',
      'nack=0.5',
      'nack=1e-7',
    ]),
  ).toEqual({
    duplicate: 1,
    cutBeforeConfirm: 0.05,
    delay: { share: 0.2, maxMs: 90_000 },
    blocked: true,
    nack: 1e-7,
  });
  expect(readFaults([])).toEqual({});
});

it('writes what it reads, and leaves out what never strikes', () => {
  const all = FAULT_FORMS.map(({ name, form }) =>
    form === 'delay' ? `${name}=0.2:500ms` : form === 'switch' ? `${name}=on` : `${name}=0.1`,
  );
  expect(writeFaults(readFaults(all))).toEqual(all);
  expect(all).toHaveLength(11);
  expect(writeFaults(readFaults(['nack=0', 'blocked=off', 'delay=0:1s']))).toEqual([]);
});

it.each([
  ['duplicates=1', 'the broker has no fault `duplicates`', 'did you mean `duplicate`?'],
  ['cutBeforeAck=1', 'the broker has no fault `cutBeforeAck`', 'did you mean `cut-before-ack`?'],
  ['frobnicate=1', 'the broker has no fault `frobnicate`', 'it has duplicate, reorder, cut-before-confirm,'],
  [
    'duplicate',
    'the fault `duplicate` cannot be read',
    'duplicate takes a share from 0 (never) to 1 (always)',
  ],
  ['duplicate=', 'the fault `duplicate=` cannot be read', 'such as duplicate=0.1'],
  ['duplicate=50%', 'the fault `duplicate=50%` cannot be read', 'a share from 0'],
  ['duplicate=1.5', 'the fault `duplicate=1.5` cannot be read', 'a share from 0'],
  ['duplicate=-1', 'the fault `duplicate=-1` cannot be read', 'a share from 0'],
  ['duplicate=1=1', 'the fault `duplicate=1=1` cannot be read', 'a share from 0'],
  ['delay=0.2', 'the fault `delay=0.2` cannot be read', 'such as delay=0.2:500ms'],
  ['delay=0.2:500', 'the fault `delay=0.2:500` cannot be read', 'a share and the longest delay'],
  ['delay=0.2:2h', 'the fault `delay=0.2:2h` cannot be read', 'up to an hour'],
  ['blocked=1', 'the fault `blocked=1` cannot be read', 'blocked takes `on` or `off`'],
  ['', 'the broker has no fault ``', 'it has duplicate'],
])('refuses %j with a remedy', (text, message, hint) => {
  expect(() => readFaults([text])).toThrow(
    expect.objectContaining({ code: 'usage', message, hint: expect.stringContaining(hint) }),
  );
});
