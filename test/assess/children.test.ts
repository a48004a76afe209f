import { describe, expect, it } from 'vitest';
import { type Division, workInChildren } from '../../src/assess/children.js';
import { Transient } from '../../src/errors.js';

const tasks = ['a', 'b', 'c'].map((path, number) => ({ number, shard: { path, uri: `s3://lake/${path}`, bytes: 1 } }));

/** Works on the tasks in a crew that lends as it is told; what was fetched, and what of it was discarded. */
async function working(lend: () => Promise<object>) {
  const fetched: string[] = [];
  const discarded: string[] = [];
  const division = {
    crew: { lend, rest: async () => {} },
    processes: 1,
    fetch: async ({ shard }: (typeof tasks)[number]) => {
      fetched.push(shard.path);
      return { shard, discard: async () => void discarded.push(shard.path) };
    },
    work: async () => ({}),
    onDone: () => {},
  } as unknown as Division<object>;
  const outcome = await workInChildren(tasks, division).catch((thrown: unknown) => thrown);
  return { outcome, fetched, discarded };
}

describe('the shard after one that is worked on', () => {
  it('is fetched once that one is there: it must not take the room that the one before it waits for', async () => {
    const begun: string[] = [];
    let arrive = () => {};
    const division = {
      crew: { lend: (_: unknown, work: (child: unknown) => Promise<object>) => work({}), rest: async () => {} },
      processes: 1,
      fetch: async ({ shard }: (typeof tasks)[number]) => {
        begun.push(shard.path);
        if (begun.length === 1) await new Promise<void>((resolve) => (arrive = resolve));
        return { shard, discard: async () => {} };
      },
      work: async () => ({}),
      onDone: () => {},
    } as unknown as Division<object>;
    const done = workInChildren(tasks, division);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(begun).toHaveLength(1);
    arrive();
    expect(await done).toEqual([]);
    expect(begun).toHaveLength(3);
  });
});

describe('copies of shards', () => {
  it('are all discarded once they are worked on', async () => {
    const { outcome, fetched, discarded } = await working(async () => ({}));
    expect(outcome).toEqual([]);
    expect(discarded).toEqual(fetched);
    expect(fetched).toHaveLength(3);
  });

  it('are discarded too where no process can be got ready for them', async () => {
    const { outcome, fetched, discarded } = await working(() => Promise.reject(new Transient('PROCESS_DIED')));
    expect(outcome).toMatchObject({ code: 'PROCESS_DIED' });
    expect(discarded.sort()).toEqual(fetched.sort());
    expect(fetched.length).toBeGreaterThan(0);
  });
});
