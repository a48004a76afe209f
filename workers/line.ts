/** A line before so much room: first come, first served. */
export interface Line {
  /** Waits until there is room for so much, at most all of it; what it returns gives that back. */
  enter(size: number): Promise<() => void>;
}

interface Waiting {
  readonly size: number;
  readonly goOn: () => void;
}

/** `onHeld` is told how much of it is taken. */
export function openLine(capacity: number, onHeld: (held: number) => void = () => {}): Line {
  const queue: Waiting[] = [];
  let held = 0;
  const admit = () => {
    for (let next = queue[0]; next !== undefined && held + next.size <= capacity; next = queue[0]) {
      queue.shift();
      held += next.size;
      onHeld(held);
      next.goOn();
    }
  };
  return {
    enter: async (size) => {
      await new Promise<void>((goOn) => {
        queue.push({ size, goOn });
        admit();
      });
      return () => {
        held -= size;
        onHeld(held);
        admit();
      };
    },
  };
}
