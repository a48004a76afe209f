import type { ItemCounts } from '../detect/index.js';
import { Transient } from '../errors.js';
import { type CopiesJob, countCopies } from './count-copies.js';
import type { Crew } from './crew.js';

/** Handing so many over takes as long as counting them. */
const MANY_ROWS = 100_000;

/**
 * By a process of the crew where there are many, so that other things can be looked for beside it.
 * @throws Transient READ_FAILED, PROCESS_DIED
 */
export async function countApart(job: CopiesJob, crew: Crew): Promise<ItemCounts> {
  const rows = job.shards.reduce((sum, shard) => sum + shard.rows, 0);
  if (rows < MANY_ROWS) return countCopies(job);
  const counts = await crew.lendAny((child) => child.count(job));
  if (typeof counts === 'string') throw new Transient('PROCESS_DIED');
  return counts;
}
