import { BadInput } from '../errors.js';
import type { BackendChoice } from '../linear/index.js';
import { isRedisUrl } from './redis-url.js';

export type { BackendChoice };

export type Variables = Readonly<Record<string, string | undefined>>;

/** What environment variables say, as defaults for the flags of the same name. */
export interface Environment {
  /** NO_COLOR is set and not empty (no-color.org). */
  readonly noColor: boolean;
  /** CI is set: nobody watches a progress line. */
  readonly ci: boolean;
  /** TASTER_DEBUG=1: stack traces are shown. */
  readonly debug: boolean;
  readonly backend: BackendChoice;
  /** 0 leaves the number to Taster. */
  readonly processes: number;
  /** Where the queue of the service is. */
  readonly redisUrl: string;
  /** What senders of events must know; null: events are not taken. */
  readonly eventsToken: string | null;
}

export const backends: readonly BackendChoice[] = ['auto', 'wasm', 'native'];

/** More processes than this only cost memory: each holds a model and a shard. */
export const mostProcesses = 256;

/** Shorter ones can be guessed. */
const SHORTEST_TOKEN = 16;

/** A number of processes, or undefined when the text is not one. */
export function parseProcesses(text: string): number | undefined {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : -1;
  return count >= 0 && count <= mostProcesses ? count : undefined;
}

/** The only reader of environment variables. Throws BadInput USAGE naming every problem at once. */
export function readEnvironment(variables: Variables = process.env): Environment {
  const said = (name: string) => variables[name] || undefined;
  const backend = backends.find((choice) => choice === (said('TASTER_BACKEND') ?? 'auto'));
  const processes = parseProcesses(said('TASTER_PROCESSES') ?? '0');
  const redisUrl = said('TASTER_REDIS_URL') ?? 'redis://127.0.0.1:6379';
  const eventsToken = said('TASTER_EVENTS_TOKEN') ?? null;
  const problems = [
    ...(eventsToken !== null && eventsToken.length < SHORTEST_TOKEN
      ? [`TASTER_EVENTS_TOKEN must have at least ${SHORTEST_TOKEN} characters`]
      : []),
    ...(isRedisUrl(redisUrl) ? [] : ['TASTER_REDIS_URL must begin with redis:// or rediss://']),
    ...(backend === undefined ? [`TASTER_BACKEND must be one of ${backends.join(', ')}`] : []),
    ...(processes === undefined ? [`TASTER_PROCESSES must be a whole number from 0 to ${mostProcesses}`] : []),
  ];
  if (backend === undefined || processes === undefined || problems.length > 0) {
    throw new BadInput('USAGE', { detail: `environment: ${problems.join('; ')}` });
  }
  const ci = said('CI');
  return Object.freeze({
    noColor: said('NO_COLOR') !== undefined,
    ci: ci !== undefined && ci !== 'false' && ci !== '0',
    debug: said('TASTER_DEBUG') === '1',
    backend,
    processes,
    redisUrl,
    eventsToken,
  });
}
