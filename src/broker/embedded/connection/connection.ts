import type { Socket } from 'node:net';
import type { BrokerClock } from '../clock.ts';
import type { VirtualHost } from '../core/virtual-host.ts';
import type { FaultDice } from '../faults.ts';
import type { BrokerLimits } from '../limits.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import { decodeMethod, encodeMethod } from '../wire/codec.ts';
import { FRAME, type Frame, FrameReader, HEARTBEAT, PROTOCOL_HEADER } from '../wire/frames.ts';
import type { ClientMethod, ServerMethodName, ServerMethods, Table } from '../wire/methods.ts';
import { Channels } from './channels.ts';
import { type Agreement, type Credentials, Handshake } from './handshake.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Link } from './link.ts';
import { Output } from './output.ts';
import type { Pressure, PressureReason, Publisher } from './pressure.ts';
import { ReadGate } from './read-gate.ts';

export interface ConnectionOptions {
  readonly host: VirtualHost;
  readonly dice: FaultDice;
  readonly clock: BrokerClock;
  readonly limits: BrokerLimits;
  readonly credentials: Credentials;
  /** Beside what every broker of this kind says of itself. */
  readonly properties: Table;
  readonly pressure: Pressure;
  readonly newName: (prefix: string) => string;
  readonly warn: (sentence: string) => void;
  readonly onOpen: (clientName: string) => void;
  readonly onEnd: () => void;
}

/** How long a client may take to open a connection, and to answer that it is closed. */
const HANDSHAKE_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 2_000;
/** A client that leaves this many times its output limit unread is not read from either. */
const UNREAD_FACTOR = 4;

/** One client: reads frames, keeps the connection's own rules, and hands the rest to its channels. */
export class Connection implements Link, Publisher {
  readonly host: VirtualHost;
  readonly dice: FaultDice;
  readonly limits: BrokerLimits;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #output: Output;
  readonly #reader = new FrameReader();
  readonly #channels = new Channels(this);
  #handshake: Handshake | undefined;
  #agreement: Agreement | undefined;
  #heartbeat: Heartbeat | undefined;
  #isClosing = false;
  #isEnded = false;
  /** A fault: it is neither heard nor spoken to any more. */
  #isSilent = false;
  /** A consumer was refused for lack of room. */
  #wasFull = false;
  #stopTimer: () => void;
  readonly #gate: ReadGate;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.host = options.host;
    this.dice = options.dice;
    this.limits = options.limits;
    this.#gate = new ReadGate(socket);
    this.#output = new Output(socket, () => this.#onWritten());
    this.#stopTimer = options.clock.after(HANDSHAKE_LIMIT_MS, () => this.cut());
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => this.#end());
    socket.on('close', () => {
      this.#stopTimer();
      this.#end();
    });
    // A client that goes away without a word is no error of ours; `close` follows.
    socket.on('error', () => undefined);
  }

  get user(): string {
    return this.#agreement?.user ?? '';
  }
  get frameMax(): number {
    return this.#reader.frameMax;
  }
  get takesCancelNotices(): boolean {
    return this.#agreement?.takesCancelNotices ?? false;
  }
  get channels(): number {
    return this.#channels.count;
  }

  newName(prefix: string): string {
    return this.#options.newName(prefix);
  }

  warn(sentence: string): void {
    this.#options.warn(sentence);
  }

  send(chunk: Buffer): void {
    if (this.#isSilent) return;
    this.#output.send(chunk);
    if (this.#isClosing) return;
    if (this.#output.waitingBytes > this.limits.outputBytes * UNREAD_FACTOR) this.#gate.shut('output');
  }

  hasRoom(): boolean {
    if (this.#isSilent) return false;
    if (this.#output.waitingBytes < this.limits.outputBytes) return true;
    this.#wasFull = true;
    return false;
  }

  published(): void {
    this.#options.pressure.add(this);
  }

  wait(reason: PressureReason | undefined): void {
    if (this.#isEnded) return;
    const isToldOf = this.#agreement?.takesBlockedNotices === true;
    if (reason === undefined) {
      if (isToldOf && this.#wasToldToWait) this.#sendMethod('ConnectionUnblocked', {});
      this.#wasToldToWait = false;
      this.#readAgain('pressure');
      return;
    }
    // The disk catches up within moments: that is not worth a word.
    if (isToldOf && reason !== 'journal' && !this.#wasToldToWait) {
      this.#wasToldToWait = true;
      this.#sendMethod('ConnectionBlocked', { reason: reason === 'memory' ? 'low on memory' : 'blocked' });
    }
    if (!this.#isClosing) this.#gate.shut('pressure');
  }
  #wasToldToWait = false;

  cut(): void {
    this.#socket.destroy();
    this.#end();
  }

  cutWithin(part: Buffer): void {
    if (this.#isEnded) return;
    this.send(part.subarray(0, Math.floor(part.length / 2)));
    this.#output.flush();
    this.#socket.destroySoon();
    this.#end();
    // A client that reads nothing would keep it open.
    this.#stopTimer = this.#options.clock.after(CLOSE_LIMIT_MS, () => this.#socket.destroy());
  }

  /** Tells the client why, waits for its answer for a moment, and lets go. */
  close(error: AmqpError, method?: { readonly classId: number; readonly methodId: number }): void {
    if (this.#isClosing || this.#isEnded) return;
    if (this.#isSilent) {
      this.cut();
      return;
    }
    this.#isClosing = true;
    this.#releaseChannels();
    const { replyCode, replyText } = error;
    const { classId = 0, methodId = 0 } = method ?? {};
    if (this.#handshake === undefined) this.#socket.end();
    else this.#sendMethod('ConnectionClose', { replyCode, replyText, classId, methodId });
    this.#readAgain('pressure');
    this.#readAgain('output');
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(CLOSE_LIMIT_MS, () => this.cut());
  }

  #onData(chunk: Buffer): void {
    if (this.#isSilent) return;
    this.#heartbeat?.heard();
    this.#reader.push(chunk);
    try {
      if (this.#handshake === undefined && !this.#greet()) return;
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        if (this.#isEnded) return;
        this.#onFrame(frame);
      }
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error;
      this.close(error);
    }
  }

  /** The first eight bytes say which protocol is meant. */
  #greet(): boolean {
    const header = this.#reader.take(PROTOCOL_HEADER.length);
    if (header === undefined || this.#isClosing) return false;
    if (!header.equals(PROTOCOL_HEADER)) {
      this.#isClosing = true;
      this.#socket.end(PROTOCOL_HEADER);
      return false;
    }
    const { limits } = this.#options;
    this.#handshake = new Handshake(this.#options, limits.channels, (name, fields) =>
      this.#sendMethod(name, fields),
    );
    return true;
  }

  #onFrame(frame: Frame): void {
    const { type, channel: number, payload } = frame;
    if (type === FRAME.heartbeat) return;
    if (type === FRAME.method) {
      this.#onMethod(number, decodeMethod(payload));
      return;
    }
    if (type !== FRAME.header && type !== FRAME.body) throw AmqpError.frame(`unknown frame type ${type}`);
    if (this.#isClosing) return;
    this.#channels.content(frame);
  }

  #onMethod(number: number, method: ClientMethod): void {
    if (this.#isClosing) this.#onMethodWhileClosing(method);
    else if (number === 0) this.#onConnectionMethod(method);
    else if (this.#agreement === undefined)
      throw AmqpError.channel(`${method.name} before the connection is open`);
    else this.#channels.method(number, method, this.#agreement.channelMax);
  }

  #onMethodWhileClosing({ name }: ClientMethod): void {
    if (name === 'ConnectionClose') this.#sendMethod('ConnectionCloseOk', {});
    if (name === 'ConnectionClose' || name === 'ConnectionCloseOk') this.#hangUp();
  }

  #onConnectionMethod(method: ClientMethod): void {
    if (method.name === 'ConnectionClose') {
      this.#isClosing = true;
      this.#releaseChannels();
      this.#sendMethod('ConnectionCloseOk', {});
      this.#hangUp();
      return;
    }
    if (method.name === 'ConnectionUpdateSecret') {
      this.#sendMethod('ConnectionUpdateSecretOk', {});
      return;
    }
    if (this.#agreement !== undefined) {
      throw AmqpError.commandInvalid(`${method.name} has no place on an open connection`);
    }
    const agreement = this.#handshake?.method(method);
    if (agreement !== undefined) this.#begin(agreement);
  }

  #begin(agreement: Agreement): void {
    this.#stopTimer();
    this.#agreement = agreement;
    this.#reader.frameMax = agreement.frameMax;
    this.#heartbeat = new Heartbeat({
      clock: this.#options.clock,
      seconds: agreement.heartbeatSeconds,
      beat: () => {
        this.#isSilent ||= this.dice.strikes('silence');
        this.send(HEARTBEAT);
      },
      onSilence: () => {
        // Whom we do not read from cannot be heard.
        if (!this.#gate.isShut && !this.#isSilent) this.cut();
      },
    });
    this.#options.onOpen(agreement.clientName);
  }

  #sendMethod<Name extends ServerMethodName>(name: Name, fields: ServerMethods[Name]): void {
    this.send(encodeMethod(name, 0, fields));
  }

  #onWritten(): void {
    this.#readAgain('output');
    if (!this.#wasFull || this.#isEnded) return;
    this.#wasFull = false;
    this.#channels.resume();
  }

  #readAgain(reason: 'pressure' | 'output'): void {
    if (this.#gate.open(reason)) this.#heartbeat?.heard();
  }

  #hangUp(): void {
    this.#output.flush();
    this.#socket.end();
  }

  #releaseChannels(): void {
    this.#channels.close();
    for (const queue of [...this.host.queues.values()]) if (queue.owner === this) this.host.unused(queue);
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopTimer();
    this.#heartbeat?.stop();
    this.#options.pressure.remove(this);
    this.#releaseChannels();
    this.#socket.end();
    this.#options.onEnd();
  }
}
