import type autocannon from 'autocannon';
import { type AutocannonConnection, isConnection, type ResponseParser } from './autocannon-connection.ts';
import { type AnswerHead, Lane, type LaneEvents } from './lane.ts';
import type { OpenSocket } from './open-socket.ts';

/** http-parser-js calls this slot when the head of an answer is complete; a true result skips the body. */
const ON_HEADERS_COMPLETE = 2;
const ON_MESSAGE_COMPLETE = 4;

interface LaneOptions {
  readonly events: LaneEvents;
  readonly open: OpenSocket;
  readonly timeoutMs: number;
}

/** For autocannon's `setupClient`: puts a lane between its connection and the network. */
export function attachLane(client: autocannon.Client, { events, open, timeoutMs }: LaneOptions): void {
  if (!isConnection(client))
    throw new Error('this version of autocannon is not the one that lanes were made for');
  const lane = new Lane(client, events, open);
  client.timeout = timeoutMs;
  client.conn = { write: () => lane.send() };
  client._destroyConnection = () => lane.drop();
  client._connect = () => {
    // Autocannon installs its parser callbacks after `setupClient`, so ours go around them on first use.
    goAround(client, lane);
    client._connect = () => client._doRequest();
    client._doRequest();
  };
  client.on('response', (status) => lane.answered(status));
}

function goAround({ parser }: AutocannonConnection, lane: Lane): void {
  const headsComplete = callback(parser, ON_HEADERS_COMPLETE);
  const messageComplete = callback(parser, ON_MESSAGE_COMPLETE);
  Reflect.set(parser, ON_HEADERS_COMPLETE, (head: AnswerHead) => {
    headsComplete(head);
    return lane.headReceived(head);
  });
  Reflect.set(parser, ON_MESSAGE_COMPLETE, () => {
    if (lane.isFinalAnswer()) messageComplete();
  });
}

function callback(parser: ResponseParser, slot: number): (...args: unknown[]) => unknown {
  const inner: unknown = Reflect.get(parser, slot);
  if (typeof inner !== 'function') throw new Error('autocannon has set no parser callbacks');
  return (...args) => Reflect.apply(inner, parser, args);
}
