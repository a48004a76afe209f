import type { Shard } from '../intake/index.js';
import type { Preparation } from './assess-worker.js';
import { type Child, startChild } from './child.js';
import type { ShardAssessment } from './types.js';

/** How shards are assessed by several processes. */
export interface Division {
  readonly processes: number;
  readonly preparation: Preparation;
  readonly onAssessed: (assessment: ShardAssessment) => void;
}

/**
 * Assesses shards in children, the largest first, so that none starts late and is waited for. A shard over which its
 * process died is tried once more when all others are done: memory may have been short only beside them.
 * Returns the shards over which a process died twice; throws what was thrown in a child.
 */
export async function assessInChildren(shards: readonly Shard[], division: Division): Promise<Shard[]> {
  const running = new Set<Child>();
  const killAll = () => {
    for (const child of running) child.kill();
  };
  process.once('exit', killAll);
  try {
    const largestFirst = [...shards].sort((a, b) => b.bytes - a.bytes);
    const diedOnce = await drain(largestFirst, division, running);
    return await drain(diedOnce, { ...division, processes: 1 }, running);
  } finally {
    await Promise.all([...running].map((child) => child.stop()));
    process.off('exit', killAll);
  }
}

/** Empties the queue; returns the shards over which a process died. */
async function drain(queue: Shard[], division: Division, running: Set<Child>): Promise<Shard[]> {
  const died: Shard[] = [];
  const lanes = Array.from({ length: Math.min(division.processes, queue.length) }, async () => {
    try {
      died.push(...(await drainByOne(queue, division, running)));
    } catch (error) {
      // The scan is lost: the other lanes shall not begin another shard.
      queue.length = 0;
      throw error;
    }
  });
  await Promise.all(lanes);
  return died;
}

async function drainByOne(queue: Shard[], division: Division, running: Set<Child>): Promise<Shard[]> {
  const died: Shard[] = [];
  let child: Child | undefined;
  for (let shard = queue.shift(); shard !== undefined; shard = queue.shift()) {
    child ??= await startPrepared(division.preparation, running);
    const assessment = await child.assess(shard);
    if (assessment === undefined) {
      died.push(shard);
      await stop(child, running);
      child = undefined;
    } else {
      division.onAssessed(assessment);
    }
  }
  if (child !== undefined) await stop(child, running);
  return died;
}

async function startPrepared(preparation: Preparation, running: Set<Child>): Promise<Child> {
  const child = startChild();
  running.add(child);
  await child.prepare(preparation);
  return child;
}

async function stop(child: Child, running: Set<Child>): Promise<void> {
  await child.stop();
  running.delete(child);
}
