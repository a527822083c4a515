/** What a message's headers say about how it died. */
export interface Failure {
  /** The queue it came from. */
  readonly queue?: string;
  readonly error?: string;
  readonly attempts?: number;
  /** As it is written there, usually ISO 8601. */
  readonly firstFailedAt?: string;
}

type Headers = Readonly<Record<string, unknown>>;

/**
 * Headers of dead events as docs/events.md has them, and those that a broker writes when it moves a message to a dead
 * letter exchange (https://www.rabbitmq.com/docs/dlx): the first queue in which it died is where it came from.
 */
export function failureOf(headers: Headers): Failure {
  const [oldest] = deathsOf(headers).slice(-1);
  const queue = text(headers['x-queue']) ?? text(headers['x-first-death-queue']) ?? text(oldest?.['queue']);
  const error = text(headers['x-error']) ?? text(headers['x-first-death-reason']) ?? text(oldest?.['reason']);
  const attempts = headers['x-attempts'];
  const firstFailedAt = text(headers['x-first-failed-at']);
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(error === undefined ? {} : { error }),
    ...(typeof attempts === 'number' ? { attempts } : {}),
    ...(firstFailedAt === undefined ? {} : { firstFailedAt }),
  };
}

const OF_FAILURE =
  /^(x-attempts|x-error|x-first-failed-at|x-queue|x-death|x-(first|last)-death-.*|x-delivery-count)$/;
/** Further routing keys: the copies that they asked for went out when the message was first published. */
const OF_ROUTING = /^B?CC$/;

/** The headers with which a message begins anew. */
export function withoutFailure(headers: Headers): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_FAILURE.test(name) && !OF_ROUTING.test(name)),
  );
}

function deathsOf(headers: Headers): readonly Headers[] {
  const deaths = headers['x-death'];
  return Array.isArray(deaths) ? deaths.filter(isTable) : [];
}

const isTable = (value: unknown): value is Headers =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
