import type { SpooledShard } from '../intake/index.js';
import type { Preparation, Task } from './assess-worker.js';
import { type Child, type ChildLimits, type Death, startChild } from './child.js';

/** How work on shards is done by processes of their own. */
export interface Division<Result extends object> {
  readonly processes: number;
  readonly limits: ChildLimits;
  readonly preparation: Preparation;
  /** Makes the shard a file, which children can read. */
  readonly fetch: (task: Task) => Promise<SpooledShard>;
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
  const processes = Math.min(division.processes, queue.length);
  const supply = fetchAhead(queue, division.fetch);
  const lanes = Array.from({ length: processes }, async () => {
    try {
      fatal.push(...(await drainByOne(supply, division, running)));
    } catch (error) {
      // The scan is lost: the other lanes shall not begin another shard.
      await supply.end();
      throw error;
    }
  });
  await Promise.all(lanes);
  return fatal;
}

/** A shard on its way, or there. */
interface Fetching {
  readonly task: Task;
  readonly fetched: Promise<SpooledShard>;
}

interface Supply {
  /** The next shard; the one after it is fetched meanwhile: never more than one beside those that are worked on. */
  next(): Fetching | undefined;
  end(): Promise<void>;
}

function fetchAhead(queue: Task[], fetch: Division<object>['fetch']): Supply {
  let ahead: Fetching | undefined;
  const begin = () => {
    const task = queue.shift();
    if (task === undefined) return undefined;
    const fetched = fetch(task);
    // Whoever takes it hears of a failure; nobody may.
    fetched.catch(() => {});
    return { task, fetched };
  };
  return {
    next: () => {
      const now = ahead ?? begin();
      ahead = begin();
      return now;
    },
    end: async () => {
      queue.length = 0;
      const left = ahead;
      ahead = undefined;
      await left?.fetched.then(
        ({ discard }) => discard(),
        () => {},
      );
    },
  };
}

async function drainByOne<Result extends object>(
  supply: Supply,
  division: Division<Result>,
  running: Set<Child>,
): Promise<Fatal[]> {
  const fatal: Fatal[] = [];
  let child: Child | undefined;
  for (let next = supply.next(); next !== undefined; next = supply.next()) {
    const { task } = next;
    child ??= await startPrepared(division, running);
    const result = await workOn(next, child, division);
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

async function workOn<Result extends object>(
  { task, fetched }: Fetching,
  child: Child,
  { work }: Division<Result>,
): Promise<Result | Death> {
  const { shard, discard } = await fetched;
  try {
    return await work(child, { ...task, shard });
  } finally {
    await discard();
  }
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
