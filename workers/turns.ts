import { openLine } from './line.js';

/** Does work as soon as fewer than so many others are at theirs: first come, first served. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function takeTurns(most: number): Turns {
  const line = openLine(most);
  return async (work) => {
    const leave = await line.enter(1);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
