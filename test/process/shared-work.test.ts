import { threadId } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { shareWork } from '../../src/process/index.js';

const HELPER = new URL('./squares.mjs', import.meta.url);
const PARTS = 6;
const squares = [0, 1, 4, 9, 16, 25];

interface Asked {
  /** What those that help do. */
  readonly dies?: boolean;
  readonly fails?: boolean;
  readonly takesMs: number;
  /** What this thread does with it. */
  readonly failsHere?: boolean;
}

function share(asked: Asked, threads?: number) {
  const here = ({ takesMs, failsHere }: Asked, part: number) => {
    if (failsHere) throw new Error(`part ${part} fails`);
    for (const end = performance.now() + takesMs; performance.now() < end; );
    return { square: part * part, by: threadId };
  };
  const results = shareWork(HELPER, asked, PARTS, here, threads);
  return { squares: results.map(({ square }) => square), threads: new Set(results.map(({ by }) => by)).size };
}

describe('work that is shared', () => {
  it('is done by several threads, and comes back in order', () => {
    const shared = share({ takesMs: 1500 }, 2);
    expect(shared).toEqual({ squares, threads: 2 });
  });

  it('is done by this thread alone where there is no other', () => {
    expect(share({ takesMs: 1 }, 1)).toEqual({ squares, threads: 1 });
  });

  it('is done by this thread before others have started', () => {
    expect(share({ takesMs: 0 }, 4)).toEqual({ squares, threads: 1 });
  });

  it.each([{ dies: true }, { fails: true }])('is done by this thread where another cannot: %o', (how) => {
    expect(share({ ...how, takesMs: 400 }, 2)).toEqual({ squares, threads: 1 });
  });

  it('fails as it would by this thread alone', () => {
    expect(() => share({ takesMs: 1, failsHere: true }, 2)).toThrow('part 0 fails');
  });
});
