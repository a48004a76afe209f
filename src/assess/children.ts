import type { Preparation, Task } from './assess-worker.js';
import { type Child, type ChildLimits, type Death, startChild } from './child.js';

/** How work on shards is done by processes of their own. */
export interface Division<Result extends object> {
  readonly processes: number;
  readonly limits: ChildLimits;
  readonly preparation: Preparation;
  readonly work: (child: Child, task: Task) => Promise<Result | Death>;
  readonly onDone: (result: Result, task: Task) => void;
}

/** A shard over which its process ended. */
export interface Fatal extends Task {
  readonly death: Death;
}

/**
 * Works on shards in children, the largest first, so that none starts late and is waited for. A shard over which its
 * process died is tried once more when all others are done: memory may have been short only beside them.
 * Returns the shards over which a process died twice or broke a limit; throws what was thrown in a child.
 */
export async function workInChildren<Result extends object>(
  tasks: readonly Task[],
  division: Division<Result>,
): Promise<Fatal[]> {
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
async function drain<Result extends object>(
  queue: Task[],
  division: Division<Result>,
  running: Set<Child>,
): Promise<Fatal[]> {
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

async function drainByOne<Result extends object>(
  queue: Task[],
  division: Division<Result>,
  running: Set<Child>,
): Promise<Fatal[]> {
  const fatal: Fatal[] = [];
  let child: Child | undefined;
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    child ??= await startPrepared(division, running);
    const result = await division.work(child, task);
    if (typeof result === 'string') {
      fatal.push({ ...task, death: result });
      await stop(child, running);
      child = undefined;
    } else {
      division.onDone(result, task);
    }
  }
  if (child !== undefined) await stop(child, running);
  return fatal;
}

async function startPrepared(
  { limits, preparation }: Pick<Division<object>, 'limits' | 'preparation'>,
  running: Set<Child>,
): Promise<Child> {
  const child = startChild(limits);
  running.add(child);
  await child.prepare(preparation);
  return child;
}

async function stop(child: Child, running: Set<Child>): Promise<void> {
  await child.stop();
  running.delete(child);
}
