import type { ItemCounts } from '../detect/index.js';
import { type CopiesJob, countCopies } from './count-copies.js';
import type { Crew } from './crew.js';
import { doApart } from './do-apart.js';

/** Handing so many over takes as long as counting them. */
const MANY_ROWS = 100_000;

/**
 * By a process of the crew where there are many, so that other things can be looked for beside it.
 * @throws Transient READ_FAILED, PROCESS_DIED
 */
export async function countApart(job: CopiesJob, crew: Pick<Crew, 'lendAny'>): Promise<ItemCounts> {
  const rows = job.shards.reduce((sum, shard) => sum + shard.rows, 0);
  if (rows < MANY_ROWS) return countCopies(job);
  return doApart(crew, (child) => child.count(job));
}
