import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ShopctlError } from '../../../errors/index.ts';
import { deferred } from '../../../lib/deferred.ts';
import {
  type FromGenerator,
  type GeneratorPlan,
  type Interval,
  isFromGenerator,
  type ToGenerator,
} from './protocol.ts';

export type Done = Extract<FromGenerator, { kind: 'done' }>;

const STDERR_KEPT = 2_000;

/** One forked generator. It ends when this process disconnects or dies, whatever it is doing. */
export class GeneratorProcess {
  readonly #child: ChildProcess;
  readonly #ready = deferred();
  readonly #done = deferred<Done>();
  readonly #onInterval: (interval: Interval) => void;
  #stderr = '';

  /** @param file the built `generator.js` */
  constructor(file: URL, plan: GeneratorPlan, onInterval: (interval: Interval) => void) {
    this.#onInterval = onInterval;
    this.#child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    this.#child.stderr?.on('data', (chunk) => {
      this.#stderr = `${this.#stderr}${String(chunk)}`.slice(-STDERR_KEPT);
    });
    this.#child.on('message', (message) => this.#receive(message));
    this.#child.on('error', (error) => this.#fail(this.#death(error.message)));
    this.#child.on('exit', (code, signal) => this.#fail(this.#death(`it ended with ${signal ?? code}`)));
    // Whoever waits for one of the two also hears of a death; the other must not count as unheard.
    this.#ready.promise.catch(() => undefined);
    this.#done.promise.catch(() => undefined);
    this.tell({ kind: 'plan', plan });
  }

  /** @throws ShopctlError when the generator dies before, or cannot make one of its requests */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** @throws ShopctlError as `ready` */
  get done(): Promise<Done> {
    return this.#done.promise;
  }

  tell(message: ToGenerator): void {
    // A generator that is gone is reported through `ready` and `done`.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process, if it has not ended, and waits until it is gone. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined)
      return;
    const exited = once(this.#child, 'exit');
    this.kill();
    await exited;
  }

  #receive(message: unknown): void {
    if (!isFromGenerator(message)) return;
    if (message.kind === 'ready') this.#ready.resolve();
    else if (message.kind === 'interval') this.#onInterval(message);
    else if (message.kind === 'done') this.#done.resolve(message);
    else this.#fail(unsendable(message.message));
  }

  #fail(error: ShopctlError): void {
    this.#ready.reject(error);
    this.#done.reject(error);
  }

  #death(how: string): ShopctlError {
    return new ShopctlError('load-generator-died', {
      message: `a load generator process died: ${how}`,
      ...(this.#stderr === '' ? {} : { detail: this.#stderr.trimEnd() }),
    });
  }
}

function unsendable(message: string): ShopctlError {
  return new ShopctlError('load-request-invalid', { message: `a request cannot be sent: ${message}` });
}
