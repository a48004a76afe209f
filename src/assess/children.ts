import type { Preparation, Task } from './assess-worker.js';
import { type Child, type ChildLimits, type Death, startChild } from './child.js';
import type { ShardAssessment } from './types.js';

/** How shards are assessed by processes of their own. */
export interface Division {
  readonly processes: number;
  readonly limits: ChildLimits;
  readonly preparation: Preparation;
  readonly onAssessed: (assessment: ShardAssessment) => void;
}

/** A shard over which its process ended. */
export interface Fatal extends Task {
  readonly death: Death;
}

/**
 * Assesses shards in children, the largest first, so that none starts late and is waited for. A shard over which its
 * process died is tried once more when all others are done: memory may have been short only beside them.
 * Returns the shards over which a process died twice or broke a limit; throws what was thrown in a child.
 */
export async function assessInChildren(tasks: readonly Task[], division: Division): Promise<Fatal[]> {
  const running = new Set<Child>();
  const killAll = () => {
    for (const child of running) child.kill();
  };
  process.once('exit', killAll);
  try {
    const largestFirst = [...tasks].sort((a, b) => b.shard.bytes - a.shard.bytes);
    const fatal = await drain(largestFirst, division, running);
    const died = fatal.filter(({ death }) => death === 'died');
    return [
      ...fatal.filter(({ death }) => death !== 'died'),
      ...(await drain(died, { ...division, processes: 1 }, running)),
    ];
  } finally {
    await Promise.all([...running].map((child) => child.stop()));
    process.off('exit', killAll);
  }
}

/** Empties the queue; returns the shards over which a process ended. */
async function drain(queue: Task[], division: Division, running: Set<Child>): Promise<Fatal[]> {
  const fatal: Fatal[] = [];
  const lanes = Array.from({ length: Math.min(division.processes, queue.length) }, async () => {
    try {
      fatal.push(...(await drainByOne(queue, division, running)));
    } catch (error) {
      // The scan is lost: the other lanes shall not begin another shard.
      queue.length = 0;
      throw error;
    }
  });
  await Promise.all(lanes);
  return fatal;
}

async function drainByOne(queue: Task[], division: Division, running: Set<Child>): Promise<Fatal[]> {
  const fatal: Fatal[] = [];
  let child: Child | undefined;
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    child ??= await startPrepared(division, running);
    const assessment = await child.assess(task);
    if (typeof assessment === 'string') {
      fatal.push({ ...task, death: assessment });
      await stop(child, running);
      child = undefined;
    } else {
      division.onAssessed(assessment);
    }
  }
  if (child !== undefined) await stop(child, running);
  return fatal;
}

async function startPrepared({ limits, preparation }: Division, running: Set<Child>): Promise<Child> {
  const child = startChild(limits);
  running.add(child);
  await child.prepare(preparation);
  return child;
}

async function stop(child: Child, running: Set<Child>): Promise<void> {
  await child.stop();
  running.delete(child);
}
