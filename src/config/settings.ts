import type { Variable } from '../schema/index.js';
import type { Variables } from './environment.js';

const meanings: Readonly<Record<string, string>> = {
  TASTER_BACKEND: 'default of --backend',
  TASTER_PROCESSES: 'default of --processes',
  TASTER_DEBUG: '1 shows where an error happened',
  NO_COLOR: 'turns colours off',
  CI: 'turns the progress line off',
  TMPDIR: 'where scratch files go',
};

/** The variables that Taster reads, with their values: no others are shown, they may be secret. */
export function settings(variables: Variables = process.env): Variable[] {
  return Object.entries(meanings).map(([name, meaning]) => ({ name, value: variables[name] ?? null, meaning }));
}
