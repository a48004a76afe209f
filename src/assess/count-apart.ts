import type { ItemCounts } from '../detect/index.js';
import { Transient } from '../errors.js';
import { type CopiesJob, countCopies } from './count-copies.js';
import type { Crew } from './crew.js';

/** Handing so many over takes as long as counting them. */
const MANY_ROWS = 100_000;

/**
 * By a process of the crew where there are many, so that other things can be looked for beside it; by another one where that
 * dies, as it may when memory is short for a moment.
 * @throws Transient READ_FAILED, PROCESS_DIED
 */
export async function countApart(job: CopiesJob, crew: Pick<Crew, 'lendAny'>): Promise<ItemCounts> {
  const rows = job.shards.reduce((sum, shard) => sum + shard.rows, 0);
  if (rows < MANY_ROWS) return countCopies(job);
  const count = () => crew.lendAny((child) => child.count(job));
  const first = await count();
  const counts = first === 'died' ? await count() : first;
  if (typeof counts === 'string') throw new Transient('PROCESS_DIED');
  return counts;
}
