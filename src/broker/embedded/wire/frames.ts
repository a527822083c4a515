import { AmqpError } from './amqp-error.ts';

export const FRAME = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
/** The largest frame either side may send, end to end; also what is offered when a connection is tuned. */
export const FRAME_MAX = 131_072;
/** The smallest frame size that a peer may insist on. */
export const FRAME_MIN = 4_096;
export const PROTOCOL_HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
export const HEARTBEAT = Buffer.from([FRAME.heartbeat, 0, 0, 0, 0, 0, 0, 0xce]);

const HEAD_BYTES = 7;
/** Head and end byte: what a frame is longer than its payload. */
export const FRAME_OVERHEAD_BYTES = HEAD_BYTES + 1;
const FRAME_END = 0xce;

export interface Frame {
  readonly type: number;
  readonly channel: number;
  /** A view into what was received: copy what is to be kept. */
  readonly payload: Buffer;
}

/** Cuts a stream of bytes into frames. Holds at most one frame that is not complete yet. */
export class FrameReader {
  /** End to end, as negotiated. */
  frameMax = FRAME_MAX;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that must be there before looking again pays: large frames arrive in many chunks. */
  #wanted = HEAD_BYTES;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next complete frame. @throws AmqpError 501 when what comes is none */
  next(): Frame | undefined {
    if (this.#bytes < this.#wanted) return undefined;
    const bytes = this.#joined();
    const size = bytes.readUInt32BE(3);
    const length = size + FRAME_OVERHEAD_BYTES;
    if (length > this.frameMax) {
      throw AmqpError.frame(`a frame of ${length} bytes, where ${this.frameMax} are the limit`);
    }
    if (bytes.length < length) {
      this.#wanted = length;
      return undefined;
    }
    if (bytes[length - 1] !== FRAME_END) throw AmqpError.frame('a frame that does not end where it says');
    this.#keep(bytes.subarray(length));
    return {
      type: bytes.readUInt8(0),
      channel: bytes.readUInt16BE(1),
      payload: bytes.subarray(HEAD_BYTES, HEAD_BYTES + size),
    };
  }

  /** The first bytes of a connection, before there are frames. */
  take(length: number): Buffer | undefined {
    if (this.#bytes < length) return undefined;
    const bytes = this.#joined();
    this.#keep(bytes.subarray(length));
    return bytes.subarray(0, length);
  }

  #joined(): Buffer {
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    const joined = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [joined];
    return joined;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    this.#wanted = HEAD_BYTES;
  }
}

/** A content header frame and its body frames, cut to the peer's frame size. */
export function contentFrames(channel: number, header: Buffer, body: Buffer, frameMax: number): Buffer[] {
  const most = frameMax - FRAME_OVERHEAD_BYTES;
  const frames = [...frame(FRAME.header, channel, header)];
  for (let offset = 0; offset < body.length; offset += most) {
    frames.push(...frame(FRAME.body, channel, body.subarray(offset, offset + most)));
  }
  return frames;
}

const END = Buffer.from([FRAME_END]);

function frame(type: number, channel: number, payload: Buffer): readonly [Buffer, Buffer, Buffer] {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head[0] = type;
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return [head, payload, END];
}
