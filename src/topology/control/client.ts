import { connect, type Socket } from 'node:net';
import { ShopctlError } from '../../errors/index.ts';
import { type Deferred, deferred } from '../../lib/deferred.ts';
import type { ServiceEvent } from '../../model/index.ts';
import { LineSplitter } from '../line-splitter.ts';
import type { ControlMessage, ControlRequest, RunEnd, Statuses } from './messages.ts';
import { CONTROL_VERSION, errorOfTold, parseHello, parseMessage } from './messages.ts';

/** What a client is told without having asked. */
export interface ControlListener {
  readonly onEvent?: (event: ServiceEvent) => void | Promise<void>;
  /** All are ready. */
  readonly onUp?: () => void;
  readonly onLinesLeftOut?: (count: number) => void;
}

type Asked<R> = R extends { readonly id: number } ? Omit<R, 'id'> : never;

/** A connection to the supervisor of a run. */
export interface ControlClient {
  readonly pid: number;
  /** @throws ShopctlError what the supervisor answers, or `supervisor-lost` when it is gone before it does */
  ask(request: Asked<ControlRequest>): Promise<Statuses>;
  /** Settles when the run has ended. Rejects with `supervisor-lost` when the supervisor is gone without a word. */
  readonly ended: Promise<RunEnd>;
  close(): void;
}

/** A supervisor that is stopped (Ctrl-Z) accepts connections and says nothing. */
const HELLO_LIMIT_MS = 5_000;
/** Beyond any message; a line that never ends must not fill the memory. */
const MAX_MESSAGE_LENGTH = 16 << 20;

/**
 * Connects to the supervisor that listens at `path`.
 * @throws ShopctlError `control-unavailable` when nobody answers there, or another version of shopctl does
 */
export async function connectControl(path: string, listener: ControlListener = {}): Promise<ControlClient> {
  const socket = connect({ path });
  const hello = deferred<string>();
  // It may break off while nobody waits for the hello yet.
  hello.promise.catch(() => undefined);
  const connection = new Connection(socket, listener);
  const timer = setTimeout(() => hello.reject(silent()), HELLO_LIMIT_MS);
  connection.read(
    (line) => hello.resolve(line),
    (error) => hello.reject(unavailable(error)),
  );
  try {
    const greeting = parseHello(await hello.promise);
    if (greeting?.version !== CONTROL_VERSION) throw otherVersion();
    return {
      pid: greeting.pid,
      ask: (request) => connection.ask(request),
      ended: connection.ended,
      close: () => socket.destroy(),
    };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #listener: ControlListener;
  readonly #answers = new Map<number, Deferred<Statuses>>();
  readonly #ended = deferred<RunEnd>();
  #requests = 0;

  constructor(socket: Socket, listener: ControlListener) {
    this.#socket = socket;
    this.#listener = listener;
    // Whoever only asks does not listen for the end.
    this.#ended.promise.catch(() => undefined);
  }

  get ended(): Promise<RunEnd> {
    return this.#ended.promise;
  }

  ask(request: Asked<ControlRequest>): Promise<Statuses> {
    this.#requests += 1;
    const id = this.#requests;
    const answer = deferred<Statuses>();
    this.#answers.set(id, answer);
    if (this.#socket.destroyed) answer.reject(gone());
    else this.#socket.write(`${JSON.stringify({ ...request, id })}\n`);
    return answer.promise;
  }

  /** Messages are taken one after the other: a listener that is slow is sent no more meanwhile. */
  read(onHello: (line: string) => void, onError: (error: Error | undefined) => void): void {
    const lost = (error?: Error) => {
      onError(error);
      this.#ended.reject(gone());
      for (const answer of this.#answers.values()) answer.reject(gone());
    };
    let error: Error | undefined;
    this.#socket.on('error', (cause) => {
      error = cause;
    });
    void this.#readLines(onHello).then(
      () => lost(error),
      () => lost(error),
    );
  }

  async #readLines(onHello: (line: string) => void): Promise<void> {
    const splitter = new LineSplitter(MAX_MESSAGE_LENGTH);
    let isGreeted = false;
    for await (const chunk of this.#socket) {
      for (const line of splitter.push(chunk)) {
        if (isGreeted) await this.#take(parseMessage(line));
        else onHello(line);
        isGreeted = true;
      }
    }
  }

  #end(end: RunEnd): void {
    this.#ended.resolve(end);
    for (const answer of this.#answers.values()) answer.reject(endedMeanwhile());
  }

  async #take(message: ControlMessage | undefined): Promise<void> {
    if (message === undefined) return;
    if ('event' in message) await this.#listener.onEvent?.(message.event);
    else if ('up' in message) this.#listener.onUp?.();
    else if ('linesLeftOut' in message) this.#listener.onLinesLeftOut?.(message.linesLeftOut);
    else if ('ended' in message) this.#end(message.ended);
    else if ('dropped' in message) this.#ended.reject(droppedBy(message.dropped));
    else if ('answer' in message) this.#answers.get(message.id)?.resolve(message.answer);
    else this.#answers.get(message.id)?.reject(errorOfTold(message.error));
  }
}

const endedMeanwhile = () =>
  new ShopctlError('not-running', { message: 'everything was stopped before that was done' });

const gone = () =>
  new ShopctlError('supervisor-lost', {
    message: 'the supervisor is gone without a word: it was killed, or it crashed',
    hint: 'its watchdog stops the services; `shopctl status` shows what is left, `shopctl up` starts anew',
  });

const droppedBy = (why: string) =>
  new ShopctlError('control-unavailable', { message: `the supervisor has given this connection up: ${why}` });

const silent = () =>
  new ShopctlError('control-unavailable', {
    message: 'the supervisor does not answer',
    hint: 'is it suspended (Ctrl-Z)? `shopctl status` names its pid',
  });

const unavailable = (error: Error | undefined) =>
  new ShopctlError('control-unavailable', {
    message: `the supervisor cannot be spoken to${error === undefined ? '' : `: ${error.message}`}`,
    cause: error,
  });

const otherVersion = () =>
  new ShopctlError('control-unavailable', {
    message: 'the supervisor is of another version of shopctl',
    hint: 'use that one, or `shopctl down` and `shopctl up` with this one',
  });
