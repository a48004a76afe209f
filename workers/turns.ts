/** Does work as soon as fewer than so many others are at theirs: first come, first served. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function takeTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  let atWork = 0;
  return async (work) => {
    if (atWork < most) atWork++;
    else await new Promise<void>((goOn) => waiting.push(goOn));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) atWork--;
      else next();
    }
  };
}
