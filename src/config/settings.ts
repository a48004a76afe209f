import type { Variable } from '../schema/index.js';
import type { Variables } from './environment.js';
import { withoutPassword } from './redis-url.js';

const meanings: Readonly<Record<string, string>> = {
  TASTER_BACKEND: 'default of --backend',
  TASTER_PROCESSES: 'default of --processes',
  TASTER_REDIS_URL: 'where the queue of the service is',
  TASTER_EVENTS_TOKEN: 'what senders of events must know',
  TASTER_DEBUG: '1 shows where an error happened',
  NO_COLOR: 'turns colours off',
  CI: 'turns the progress line off',
  TMPDIR: 'where scratch files go',
};

/** The variables that Taster reads, with their values: no others are shown, they may be secret. */
export function settings(variables: Variables = process.env): Variable[] {
  return Object.entries(meanings).map(([name, meaning]) => ({
    name,
    value: variables[name] === undefined ? null : shown(name, variables[name]),
    meaning,
  }));
}

function shown(name: string, value: string): string {
  return name === 'TASTER_EVENTS_TOKEN' ? '***' : withoutPassword(value);
}
