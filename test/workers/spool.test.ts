import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSpool, type Spool } from '../../workers/spool.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
let held: number[];
let spool: Spool;

beforeEach(() => {
  mkdirSync(at('spool'), { recursive: true });
  held = [];
  spool = openSpool({ folder: at('spool'), capacityBytes: 100, onHeld: (bytes) => held.push(bytes), longestMs: 0 });
});

/** Work that goes on until it is told to end. */
function holding(bytes: number) {
  let end = () => {};
  let hasBegun = false;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done = spool.withRoom(bytes, () => {
    hasBegun = true;
    return ended;
  });
  return { end: () => end(), done, hasBegun: () => hasBegun };
}

/** Until everything that can go on has. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('the spool', () => {
  it('lets shards in while they fit, and has others wait their turn, small ones too', async () => {
    const works = [60, 40, 50, 10].map(holding);
    const begun = () => works.map(({ hasBegun }) => hasBegun());
    await settle();
    expect(begun()).toEqual([true, true, false, false]);
    works[1]?.end();
    await settle();
    // There is room for the last by now, but a large one would wait for ever while small ones go ahead of it.
    expect(begun()).toEqual([true, true, false, false]);
    works[0]?.end();
    await settle();
    expect(begun()).toEqual([true, true, true, true]);
    for (const { end } of works) end();
    await Promise.all(works.map(({ done }) => done));
    expect([Math.max(...held), held.at(-1)]).toEqual([100, 0]);
  });

  it('gives all of it to what is larger', async () => {
    const giveBack = await spool.take(1000);
    expect(held).toEqual([100]);
    giveBack();
    expect(held).toEqual([100, 0]);
  });

  it('has room again after work that failed', async () => {
    await expect(spool.withRoom(100, () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
    expect(await spool.withRoom(100, async () => 'done')).toBe('done');
    expect(held).toEqual([100, 0, 100, 0]);
  });

  it('says that the disk is full where nobody of its own will make room, before anything is written', async () => {
    const roomy = openSpool({ folder: at('spool'), capacityBytes: 2 ** 62, onHeld: () => {}, longestMs: 0 });
    let hasBegun = false;
    const work = async () => {
      hasBegun = true;
    };
    await expect(roomy.withRoom(2 ** 60, work)).rejects.toMatchObject({
      name: 'Transient',
      code: 'SPOOL_FULL',
      message: expect.stringContaining('spool: writing failed: there is no room for a shard of'),
    });
    expect(hasBegun).toBe(false);
    expect(await roomy.withRoom(1, async () => 'done')).toBe('done');
  });
});
