import type { Preparation } from './assess-worker.js';
import { type Child, type ChildLimits, type Death, startChild } from './child.js';

/** Processes that work on shards, one at a time each; between shards they wait, ready for the next. */
export class Crew {
  readonly #idle: Child[] = [];
  readonly #running = new Set<Child>();
  readonly #preparedBy = new WeakMap<Child, Preparation>();
  readonly #killAll = () => {
    for (const child of this.#running) child.kill();
  };

  constructor(readonly limits: ChildLimits) {
    process.once('exit', this.#killAll);
  }

  /** Starts so many ahead of their work: they load what they need while other things are done. */
  begin(count: number): void {
    for (let started = 0; started < count; started++) this.#idle.push(this.#start());
  }

  /**
   * What a process that is prepared so makes of a shard, or how it ended over it; only one that did well is used again.
   * @throws Transient PROCESS_DIED where it cannot be prepared, and what `work` throws
   */
  async lend<Result extends object>(
    preparation: Preparation,
    work: (child: Child) => Promise<Result | Death>,
  ): Promise<Result | Death> {
    return this.#use(await this.#take(preparation), work);
  }

  /** The same by a process that needs no preparation. @throws what `work` throws */
  async lendAny<Result extends object>(work: (child: Child) => Promise<Result | Death>): Promise<Result | Death> {
    return this.#use(this.#idle.pop() ?? this.#start(), work);
  }

  async #use<Result extends object>(
    child: Child,
    work: (child: Child) => Promise<Result | Death>,
  ): Promise<Result | Death> {
    let outcome: Result | Death = 'died';
    try {
      outcome = await work(child);
      return outcome;
    } finally {
      if (typeof outcome === 'string') await this.#end(child);
      else this.#idle.push(child);
    }
  }

  async #take(preparation: Preparation): Promise<Child> {
    const child = this.#idle.pop() ?? this.#start();
    if (isSame(this.#preparedBy.get(child), preparation)) return child;
    try {
      await child.prepare(preparation);
    } catch (error) {
      await this.#end(child);
      throw error;
    }
    this.#preparedBy.set(child, preparation);
    return child;
  }

  async #end(child: Child): Promise<void> {
    this.#running.delete(child);
    await child.stop();
  }

  /** Ends those that wait, but for some: they hold memory. */
  async rest(kept = 0): Promise<void> {
    await Promise.all(this.#idle.splice(kept).map((child) => this.#end(child)));
  }

  /** Runs `work`, which may use it; as many more as it leaves waiting are ended. */
  async host<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#running.size;
    try {
      return await work();
    } finally {
      const more = Math.max(0, this.#running.size - before);
      await this.rest(Math.max(0, this.#idle.length - more));
    }
  }

  /** Ends all. */
  async stop(): Promise<void> {
    this.#idle.length = 0;
    await Promise.all([...this.#running].map((child) => this.#end(child)));
    process.off('exit', this.#killAll);
  }

  #start(): Child {
    const child = startChild(this.limits);
    this.#running.add(child);
    return child;
  }
}

function isSame(one: Preparation | undefined, other: Preparation): boolean {
  return (Object.keys(other) as (keyof Preparation)[]).every((key) => one?.[key] === other[key]);
}

/** Runs `work` with a crew that ends with it. */
export async function withCrew<T>(limits: ChildLimits, work: (crew: Crew) => Promise<T>): Promise<T> {
  const crew = new Crew(limits);
  try {
    return await work(crew);
  } finally {
    await crew.stop();
  }
}
