import { readFaults } from '../broker/embedded/fault-words.ts';
import { ShopctlError } from '../errors/index.ts';
import { type Interpolated, interpolate, type Lookup } from './interpolate.ts';
import type { Problems } from './problems.ts';
import type { RawBroker, RawService } from './raw.ts';

/** The name under which services need the broker, and under which it is shown. */
export const BROKER = 'broker';

const EMBEDDED_PORT = 5673;
const GUEST = 'guest';

/** The broker as one of the services, and how the others reach it. */
export interface BrokerMember {
  readonly raw: RawService;
  /** What services are given as AMQP_URL, with credentials; undefined: the embedded broker, whose port decides. */
  readonly url?: string;
  /** Whom an embedded one lets in. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly managementUrl?: string;
}

interface BrokerSurroundings {
  readonly lookup: Lookup;
  /** Program and first arguments with which shopctl itself is started. */
  readonly program: readonly string[];
  /** Chosen by the user, so that what is random of the broker replays. */
  readonly seed?: number;
  readonly problems: Problems;
}

/** AMQP_URL in the environment wins over the embedded broker: the same services then run on a real one. */
export function brokerMember(written: RawBroker, surroundings: BrokerSurroundings): BrokerMember {
  const { lookup, problems } = surroundings;
  const fromEnvironment = lookup('AMQP_URL') ?? '';
  if (written.url !== undefined && written.embedded !== undefined)
    problems.at(['broker', 'embedded'], 'the broker is both `url` and `embedded`', 'keep one');
  const management = managementOf(written, surroundings);
  if (written.url !== undefined)
    return { ...running(interpolate(written.url, lookup), ['broker', 'url'], problems), ...management };
  if (fromEnvironment !== '')
    return { ...running({ ok: true, text: fromEnvironment }, ['broker'], problems), ...management };
  const credentials = credentialsOf(written.embedded ?? {}, surroundings);
  return { raw: embedded(written.embedded ?? {}, credentials, surroundings), credentials };
}

type Embedded = NonNullable<RawBroker['embedded']>;

function managementOf({ management }: RawBroker, { lookup, problems }: BrokerSurroundings) {
  if (management === undefined) return {};
  const url = interpolate(management, lookup);
  if (url.ok && URL.canParse(url.text) && /^https?:/.test(url.text)) return { managementUrl: url.text };
  const reason = url.ok ? 'the address of the management API is no URL' : url.reason;
  problems.at(['broker', 'management'], reason, url.ok ? 'write http://HOST:PORT' : url.hint);
  return {};
}

function credentialsOf(
  { user = GUEST, password = GUEST }: Embedded,
  { lookup, problems }: BrokerSurroundings,
): { readonly user: string; readonly password: string } {
  const text = (value: string, key: string) => {
    const result = interpolate(value, lookup);
    if (result.ok && result.text !== '') return result.text;
    const reason = result.ok ? `the ${key} is empty` : result.reason;
    problems.at(['broker', 'embedded', key], reason, result.ok ? 'write one' : result.hint);
    return GUEST;
  };
  return { user: text(user, 'user'), password: text(password, 'password') };
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

function embedded(
  { port, memory = false, management = 0, faults = {} }: Embedded,
  { user, password }: { readonly user: string; readonly password: string },
  surroundings: BrokerSurroundings,
) {
  const { program } = surroundings;
  const storage = memory ? ['--memory'] : ['--data', `\${project.data}/${BROKER}`];
  const asked = ['broker', '--port', `\${services.${BROKER}.port}`, ...storage];
  return {
    command: [...program.map(literal), ...asked, ...faultArguments({ memory, faults }, surroundings)],
    port: port ?? EMBEDDED_PORT,
    ready: { notify: true as const },
    // Said in any case: what our own environment holds is not meant for it.
    env: {
      BROKER_MANAGEMENT_PORT: management,
      BROKER_USER: literal(user),
      BROKER_PASSWORD: literal(password),
    },
  };
}

/** What the broker's process is told to do wrong. The seed goes with it only where the user has chosen one. */
function faultArguments(
  { memory, faults }: Required<Pick<Embedded, 'memory' | 'faults'>>,
  { seed, problems }: BrokerSurroundings,
): readonly string[] {
  const texts = Object.entries(faults).map(([name, value]) => {
    const text = `${name}=${typeof value === 'boolean' ? (value ? 'on' : 'off') : value}`;
    checkFault(text, ['broker', 'embedded', 'faults', name], problems);
    return text;
  });
  if (memory && Number(faults['journal-full'] ?? 0) > 0) {
    const path = ['broker', 'embedded', 'faults', 'journal-full'];
    problems.at(path, 'a broker in memory has no journal that could be full', 'leave out one of the two');
  }
  if (texts.length === 0) return [];
  return [
    ...texts.flatMap((text) => ['--fault', text]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
  ];
}

function checkFault(text: string, path: string[], problems: Problems): void {
  try {
    readFaults([text]);
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    problems.at(path, error.message, error.hint);
  }
}

/** Text that is not to be interpolated again. */
const literal = (text: string) => text.replaceAll('$', '$$$$');

/** What is shown, logged and probed needs no password. */
function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
