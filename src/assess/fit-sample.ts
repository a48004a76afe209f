import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { encodeBaseline, fitOwn, type SampledTable } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { type Backend, startBackend } from '../linear/index.js';
import { orWriteFailed } from '../store/index.js';

/** A sample whose rows wait in the scratch folder. Plain data. */
export interface FitJob {
  readonly scratch: string;
  readonly sample: Omit<SampledTable, 'table'>;
  readonly columns: NamedColumns;
  readonly backend: Backend;
}

/** The fit is in its file, which has so many bytes. */
export interface Fitted {
  readonly bytes: number;
}

export const rowsFile = (scratch: string) => join(scratch, 'sample');
export const fitFile = (scratch: string) => join(scratch, 'fit');

/** As fitOwn, encoded, from file to file. @throws BadInput as fitOwn; Transient WRITE_FAILED */
export async function fitSample({ scratch, sample, columns, backend }: FitJob): Promise<Fitted> {
  await startBackend(backend);
  const table = tableFromIPC(await readFile(rowsFile(scratch)));
  const content = encodeBaseline(fitOwn({ ...sample, table }, columns).baseline);
  await orWriteFailed(scratch, () => writeFile(fitFile(scratch), content));
  return { bytes: content.length };
}
