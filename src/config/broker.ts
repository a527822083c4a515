import { type Interpolated, interpolate, type Lookup } from './interpolate.ts';
import type { Problems } from './problems.ts';
import type { RawBroker, RawService } from './schema.ts';

/** The name under which services need the broker, and under which it is shown. */
export const BROKER = 'broker';

const EMBEDDED_PORT = 5673;

/** The broker as one of the services, and how the others reach it. */
export interface BrokerMember {
  readonly raw: RawService;
  /** What services are given as AMQP_URL, with credentials; undefined: the embedded broker, whose port decides. */
  readonly url?: string;
}

interface BrokerSurroundings {
  readonly lookup: Lookup;
  /** Program and first arguments with which shopctl itself is started. */
  readonly program: readonly string[];
  readonly problems: Problems;
}

/** AMQP_URL in the environment wins over the embedded broker: the same services then run on a real one. */
export function brokerMember(written: RawBroker, surroundings: BrokerSurroundings): BrokerMember {
  const { lookup, problems } = surroundings;
  const fromEnvironment = lookup('AMQP_URL') ?? '';
  if (written.url !== undefined && written.embedded !== undefined)
    problems.at(['broker', 'embedded'], 'the broker is both `url` and `embedded`', 'keep one');
  if (written.url !== undefined)
    return running(interpolate(written.url, lookup), ['broker', 'url'], problems);
  if (fromEnvironment !== '') return running({ ok: true, text: fromEnvironment }, ['broker'], problems);
  return { raw: embedded(written.embedded ?? {}, surroundings.program) };
}

function running(url: Interpolated, path: string[], problems: Problems): BrokerMember {
  if (!url.ok) {
    problems.at(path, url.reason, url.hint);
    return { raw: { url: 'amqp://127.0.0.1' } };
  }
  if (!URL.canParse(url.text) || !/^amqps?:/.test(url.text)) {
    problems.at(path, 'the address of the broker is no AMQP URL', 'write amqp://USER:PASSWORD@HOST:PORT');
    return { raw: { url: 'amqp://127.0.0.1' } };
  }
  return { raw: { url: withoutCredentials(url.text) }, url: url.text };
}

function embedded({ port, memory = false }: NonNullable<RawBroker['embedded']>, program: readonly string[]) {
  const storage = memory ? ['--memory'] : ['--data', `\${project.data}/${BROKER}`];
  return {
    command: [
      ...program.map((word) => word.replaceAll('$', '$$$$')),
      ...['broker', '--port', `\${services.${BROKER}.port}`],
      ...storage,
    ],
    port: port ?? EMBEDDED_PORT,
  };
}

/** What is shown, logged and probed needs no password. */
function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
