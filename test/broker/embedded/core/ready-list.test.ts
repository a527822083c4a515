import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Entry, newMessage } from '../../../../src/broker/embedded/core/message.ts';
import { ReadyList } from '../../../../src/broker/embedded/core/ready-list.ts';

const message = newMessage({
  exchange: '',
  routingKey: 'q',
  header: Buffer.alloc(14),
  body: undefined,
  bodyBytes: 0,
  persistent: false,
  priority: 0,
  expirationMs: undefined,
});
const entryAt = (position: number): Entry => ({
  message,
  position,
  expiresAtMs: undefined,
  stored: false,
  redelivered: false,
});

type Step = { readonly kind: 'add' | 'take' | 'put back'; readonly index: number };

/** A list and the sorted array that it has to be equal to. */
class Twins {
  readonly list = new ReadyList();
  readonly model: Entry[] = [];
  readonly #taken: Entry[] = [];
  #last = 0;

  step({ kind, index }: Step): void {
    if (kind === 'add') this.#add();
    else if (kind === 'take') this.#take(index % 6);
    else this.#putBack(index);
  }

  #add(): void {
    this.#last += 1;
    this.list.add(entryAt(this.#last));
    this.model.push(entryAt(this.#last));
  }

  #take(index: number): void {
    const [expected] = this.model.splice(index, 1);
    expect(this.list.take(index)).toEqual(expected);
    if (expected !== undefined) this.#taken.push(expected);
  }

  #putBack(index: number): void {
    const [back] = this.#taken.splice(index % Math.max(1, this.#taken.length), 1);
    if (back === undefined) return;
    this.list.putBack(back);
    this.model.push(back);
    this.model.sort((a, b) => a.position - b.position);
  }
}

it('is what a sorted array is, whatever is added, taken and put back', () => {
  const kind = fc.constantFrom('add' as const, 'add' as const, 'take' as const, 'put back' as const);
  fc.assert(
    fc.property(fc.array(fc.record({ kind, index: fc.nat() }), { maxLength: 300 }), (steps) => {
      const twins = new Twins();
      for (const step of steps) {
        twins.step(step);
        expect(twins.list.size).toBe(twins.model.length);
        expect(twins.list.peek()).toEqual(twins.model[0]);
      }
      const rest: Entry[] = [];
      for (let entry = twins.list.take(); entry !== undefined; entry = twins.list.take()) rest.push(entry);
      expect(rest).toEqual(twins.model);
    }),
  );
});
