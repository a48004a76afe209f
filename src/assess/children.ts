import type { SpooledShard } from '../intake/index.js';
import type { Preparation, Task } from './assess-worker.js';
import type { Child, Death } from './child.js';
import type { Crew } from './crew.js';

/** How work on shards is done by processes of their own. */
export interface Division<Result extends object> {
  readonly crew: Crew;
  readonly processes: number;
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
  const largestFirst = [...tasks].sort((a, b) => b.shard.bytes - a.shard.bytes);
  const fatal = await drain(largestFirst, division);
  const died = fatal.filter(({ death }) => death === 'died');
  if (died.length === 0) return fatal;
  await division.crew.rest();
  return [...fatal.filter(({ death }) => death !== 'died'), ...(await drain(died, { ...division, processes: 1 }))];
}

/** Empties the queue; returns the shards over which a process ended. */
async function drain<Result extends object>(queue: Task[], division: Division<Result>): Promise<Fatal[]> {
  const fatal: Fatal[] = [];
  const processes = Math.min(division.processes, queue.length);
  const supply = fetchAhead(queue, division.fetch);
  const lanes = Array.from({ length: processes }, async () => {
    try {
      fatal.push(...(await drainByOne(supply, division)));
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

/** A shard that is next; undefined until it is fetched. */
interface Due {
  readonly task: Task;
  fetched?: Promise<SpooledShard>;
}

interface Supply {
  /** The next shard; once it is there the one after it is fetched: never more than one beside those that are worked on. */
  next(): Fetching | undefined;
  end(): Promise<void>;
}

function fetchAhead(queue: Task[], fetch: Division<object>['fetch']): Supply {
  let ahead: Due | undefined;
  const take = (): Due | undefined => {
    const task = queue.shift();
    return task && { task };
  };
  const begin = (due: Due) => {
    due.fetched ??= fetch(due.task);
    // Whoever takes it hears of a failure; nobody may.
    due.fetched.catch(() => {});
    return due.fetched;
  };
  return {
    next: () => {
      const now = ahead ?? take();
      if (now === undefined) return undefined;
      const fetched = begin(now);
      const following = take();
      ahead = following;
      const goOn = () => {
        if (following !== undefined && ahead === following) begin(following);
      };
      // Begun earlier it could take the room that the one before it waits for.
      void fetched.then(goOn, () => {});
      return { task: now.task, fetched };
    },
    end: async () => {
      queue.length = 0;
      const left = ahead;
      ahead = undefined;
      if (left?.fetched !== undefined) await discardFetched(left.fetched);
    },
  };
}

async function drainByOne<Result extends object>(supply: Supply, division: Division<Result>): Promise<Fatal[]> {
  const { crew, preparation, work, onDone } = division;
  const fatal: Fatal[] = [];
  for (let next = supply.next(); next !== undefined; next = supply.next()) {
    const { task, fetched } = next;
    try {
      const result = await crew.lend(preparation, async (child) => {
        const { shard } = await fetched;
        return work(child, { ...task, shard });
      });
      if (typeof result === 'string') fatal.push({ ...task, death: result });
      else onDone(result, task);
    } finally {
      await discardFetched(fetched);
    }
  }
  return fatal;
}

async function discardFetched(fetched: Fetching['fetched']): Promise<void> {
  await fetched.then(
    ({ discard }) => discard(),
    () => {},
  );
}
