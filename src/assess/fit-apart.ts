import { readFile, writeFile } from 'node:fs/promises';
import { tableToIPC } from 'apache-arrow';
import type { SampledTable } from '../baseline/index.js';
import { orWriteFailed } from '../store/index.js';
import type { Crew } from './crew.js';
import { doApart } from './do-apart.js';
import { type FitJob, fitFile, rowsFile } from './fit-sample.js';

/**
 * As fitOwn, by a process of the crew, encoded: with 20,000 rows it takes minutes, in which this process would hear nobody.
 * @throws BadInput as fitOwn; Transient WRITE_FAILED, PROCESS_DIED
 */
export async function fitApart(
  { table, ...sample }: SampledTable,
  { crew, scratch, columns, backend }: Omit<FitJob, 'sample'> & { readonly crew: Pick<Crew, 'lendAny'> },
): Promise<Uint8Array> {
  await orWriteFailed(scratch, () => writeFile(rowsFile(scratch), tableToIPC(table, 'file')));
  await doApart(crew, (child) => child.fitSample({ scratch, sample, columns, backend }));
  return readFile(fitFile(scratch));
}
