import { Transient } from '../errors.js';
import type { Child, Death } from './child.js';
import type { Crew } from './crew.js';

/**
 * What a process of the crew answers, or another one where that dies, as it may when memory is short for a moment.
 * @throws Transient PROCESS_DIED, and what `work` throws
 */
export async function doApart<Result extends object>(
  crew: Pick<Crew, 'lendAny'>,
  work: (child: Child) => Promise<Result | Death>,
): Promise<Result> {
  const first = await crew.lendAny(work);
  const result = first === 'died' ? await crew.lendAny(work) : first;
  if (typeof result === 'string') throw new Transient('PROCESS_DIED');
  return result;
}
