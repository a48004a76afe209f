import { describe, expect, it } from 'vitest';
import { testItems } from '../../src/decide/items.js';
import { countItems } from '../../src/detect/index.js';
import { seededRandom } from '../../src/linear/index.js';
import { mostRejections } from './bounds.js';

const LEVEL = 0.05;
const TOLERANCE = 0.005;

interface MadeRow {
  readonly digest: number;
  readonly label?: number;
  readonly source?: number;
}

function carrying(rows: readonly MadeRow[]) {
  return {
    signatures: { perRow: 1, values: Float64Array.from(rows, ({ digest }) => digest) },
    labels: Int32Array.from(rows, ({ label }) => label ?? 0),
    sourceOf: Int32Array.from(rows, ({ source }) => source ?? -1),
    detectors: [],
  };
}

async function testShards(shards: readonly (readonly MadeRow[])[], trusted: readonly MadeRow[], level = LEVEL) {
  const readable = shards.map((rows, number) => ({
    path: `shard-${number}`,
    rows: rows.length,
    sources: ['ann', 'bob', 'cy', 'dee'],
    readSigned: async () => carrying(rows),
    read: async () => carrying(rows),
  }));
  const counts = await countItems(readable, carrying(trusted), level);
  return testItems([{ kind: 'duplicate-flood', counts }], level, TOLERANCE);
}

const plain = (digests: readonly number[]) => digests.map((digest) => ({ digest }));

function test(batch: readonly number[], trusted: readonly number[], level = LEVEL) {
  return testShards([plain(batch)], plain(trusted), level);
}

function inShards<T>(rows: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, shard) =>
    rows.slice(Math.floor((shard * rows.length) / count), Math.floor(((shard + 1) * rows.length) / count)),
  );
}

/** Rows that equal one another by nature: of a few common kinds, of many rare ones, or of none. */
function population(seed: string, rows: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () => {
    const u = random();
    return u < 0.3
      ? Math.floor(40 * random() ** 2)
      : u < 0.6
        ? 1000 + Math.floor(200 * random())
        : Math.floor(1e6 * (1 + 1000 * random()));
  });
}

/** Rows that were copied one to three times where they stand, every second one. */
function copiedRows(seed: string, rows: number): number[] {
  const random = seededRandom(seed);
  const made: number[] = [];
  while (made.length < rows) {
    const digest = Math.floor(1e12 * random());
    const copies = random() < 0.5 ? 1 : 2 + Math.floor(3 * random());
    for (let copy = 0; copy < copies; copy++) made.push(digest);
  }
  return made.slice(0, rows);
}

function labelled(digests: readonly number[], seed: string): MadeRow[] {
  const random = seededRandom(seed);
  // The label follows the row, but for one in ten.
  return digests.map((digest) => ({ digest, label: random() < 0.1 ? Math.floor(3 * random()) : digest % 3 }));
}

const copies = (of: number, count: number) => new Array<number>(count).fill(of);
const unlike = (count: number, from = 0) => Array.from({ length: count }, (_, row) => 1e7 + from + row);

async function rejections(resamples: number, draw: (seed: number) => ReturnType<typeof testShards>): Promise<number> {
  let rejected = 0;
  for (let seed = 0; seed < resamples; seed++) if ((await draw(seed)).pValue <= LEVEL) rejected++;
  return rejected;
}

describe('the test of items', () => {
  it.each([
    [300, 300],
    [600, 200],
    [200, 600],
  ])('rejects clean batches of %i rows against %i at most as often as its level says', async (rows, trusted) => {
    const rejected = await rejections(150, (seed) => {
      const all = population(`${rows}/${seed}`, rows + trusted);
      return test(all.slice(0, rows), all.slice(rows));
    });
    expect(rejected).toBeLessThanOrEqual(mostRejections(150, LEVEL));
  });

  it('finds as many copies as it says are found, and no fewer', async () => {
    const [clean, trusted] = [population('batch', 1000), population('trusted', 1000)];
    const [least] = (await test(clean, trusted)).minimumDetectable;
    const fewest = least?.rows ?? 0;
    expect(fewest).toBeGreaterThanOrEqual(5);
    expect(fewest).toBeLessThan(80);
    const flooded = await test([...clean.slice(fewest + 2), ...copies(-1, fewest + 2)], trusted);
    expect(flooded.rejected.map(({ item }) => item.rows)).toEqual([fewest + 2]);
    expect((await test([...clean.slice(5), ...copies(-1, 5)], trusted)).rejected).toEqual([]);
  });

  it('lets pass what is common among trusted rows too', async () => {
    const unique = Array.from({ length: 1000 }, (_, row) => row);
    const trusted = [...unique.map((row) => row + 5000), ...copies(-1, 40)];
    expect((await test([...unique, ...copies(-1, 45)], trusted)).rejected).toEqual([]);
    expect((await test([...unique, ...copies(-1, 200)], trusted)).rejected).toHaveLength(1);
  });

  it('lets pass bursts of the size that trusted rows have themselves', async () => {
    const unique = Array.from({ length: 1000 }, (_, row) => row);
    const trusted = [...unique.map((row) => row + 5000), ...copies(-1, 20)];
    expect((await test([...unique, ...copies(-2, 30)], trusted)).rejected).toEqual([]);
    expect((await test([...unique, ...copies(-2, 60)], trusted)).rejected).toHaveLength(1);
  });
});

describe('many small groups of copies', () => {
  const trusted = plain(unlike(2000));

  it('are found together, with the shards they are in', async () => {
    const shards = inShards(plain(unlike(2000, 5000)), 4);
    const thin = Array.from({ length: 60 }, (_, group) => copies(group, 3)).flat();
    shards[1]?.push(...plain(thin.slice(0, 90)));
    shards[2]?.push(...plain(thin.slice(90)));
    const { pValue, rejected, copies: groups } = await testShards(shards, trusted);
    expect(pValue).toBeLessThan(LEVEL);
    expect(rejected).toEqual([]);
    expect(groups.map(({ sort, copies: { rows } }) => [sort, rows])).toEqual([['repeated', 180]]);
    expect([...groups[0]!.shards]).toEqual(['shard-1', 'shard-2']);
    expect(groups[0]!.copies.digests).toHaveLength(60);
  });

  it('are no finding where a file was sent twice', async () => {
    const sent = plain(unlike(1000, 5000));
    expect((await testShards([sent, sent], trusted)).pValue).toBe(1);
  });

  it('are found where copies contradict one another in their labels', async () => {
    const honest = unlike(2000, 5000).map((digest) => ({ digest, label: 1 }));
    const contradicting = honest.slice(0, 150).map((row) => ({ ...row, label: 2 }));
    const { copies: groups } = await testShards([honest, contradicting], trusted);
    expect(groups.map(({ sort }) => sort)).toEqual(['contradicted']);
    const agreeing = honest.slice(0, 150);
    expect((await testShards([honest, agreeing], trusted)).copies).toEqual([]);
  });

  describe('that contradict trusted rows', () => {
    const vouched = unlike(2000).map((digest) => ({ digest, label: 1 }));
    const fresh = unlike(2000, 5000).map((digest) => ({ digest, label: 1 }));
    const replayed = vouched.slice(0, 60);
    const flipped = replayed.map((row) => ({ ...row, label: 2 }));

    it('are found, row by row, and not where they agree with them', async () => {
      const { copies: groups } = await testShards([fresh, [...replayed, ...flipped]], vouched);
      const belied = groups.find(({ sort }) => sort === 'belied');
      expect(belied?.copies.rows).toBe(60);
      expect(belied?.counts.copies.belied.listed).toEqual(new Map([['shard-1', flipped.map((_, row) => 60 + row)]]));
      expect([...(belied?.shards ?? [])]).toEqual(['shard-1']);
      expect((await testShards([fresh, replayed], vouched)).copies).toEqual([]);
    });

    it('hold every shard that has more than is usual', async () => {
      const spread = inShards(fresh, 4).map((shard, at) => [...shard, ...flipped.slice(15 * at, 15 * at + 15)]);
      const { copies: groups } = await testShards(spread, vouched);
      expect(groups.map(({ sort, shards }) => [sort, shards.size])).toEqual([['belied', 4]]);
    });

    it.each([
      ['a row that trusted rows often have', [], copies(-7, 200)],
      ['copies that contradict one another', copies(0, 30).map((_, at) => -100 - Math.floor(at / 2)), []],
      ['trusted copies that agree', [], [...unlike(100), ...unlike(100)].map((digest) => -1000 - digest)],
    ])('are not hidden by %s', async (_, junk, more) => {
      const contradicting = junk.map((digest, at) => ({ digest, label: at % 2 }));
      const trusted = [...vouched, ...more.map((digest) => ({ digest, label: 1 }))];
      const { copies: groups } = await testShards([[...fresh, ...contradicting], flipped], trusted);
      expect(groups.map(({ sort }) => sort)).toContain('belied');
    });

    it('are no finding where trusted copies contradict one another as often', async () => {
      const rejected = await rejections(60, (seed) => {
        const once = unlike(1200, 5000);
        const twice = [...once.slice(0, 600), ...once.slice(0, 600)];
        return testShards(
          inShards(labelled(once.slice(300, 900), `batch/${seed}`), 4),
          labelled(twice, `trusted/${seed}`),
        );
      });
      expect(rejected).toBeLessThanOrEqual(mostRejections(60, LEVEL));
    });
  });

  it.each([
    ['equal by nature', population, 0.5],
    ['equal by nature, the batch larger', population, 0.8],
    ['copied, trusted and batch alike', copiedRows, 0.5],
    ['copied, the batch larger', copiedRows, 0.8],
  ])('of rows %s are rejected at most as often as the level says, sorted or not', async (_, rowsOf, share) => {
    const resamples = 100;
    for (const isSorted of [false, true]) {
      const rejected = await rejections(resamples, (seed) => {
        const all = labelled(rowsOf(`copies/${share}/${seed}`, 1500), `labels/${seed}`);
        const cut = Math.round(share * all.length);
        const batch = isSorted ? all.slice(0, cut).sort((a, b) => a.digest - b.digest) : all.slice(0, cut);
        return testShards(inShards(batch, 6), all.slice(cut));
      });
      expect(rejected).toBeLessThanOrEqual(mostRejections(resamples, LEVEL));
    }
  });

  it('are no finding beside trusted rows half of which are copied', async () => {
    const rejected = await rejections(60, (seed) =>
      testShards(inShards(plain(population(`own/${seed}`, 900)), 6), [
        ...plain(population(`half/${seed}`, 600)),
        ...plain(population(`half/${seed}`, 600).slice(0, 300)),
      ]),
    );
    expect(rejected).toBeLessThanOrEqual(mostRejections(60, LEVEL));
  });
});

describe('without trusted rows', () => {
  const none: readonly MadeRow[] = [];

  it.each([[40], [400]])('%i copies in one shard are found, and where', async (count) => {
    const shards = inShards(plain(population('within', 3000)), 6);
    shards[2]?.push(...plain(copies(-1, count)));
    const { rejected } = await testShards(shards, none);
    expect(rejected.map(({ item, gathered }) => [item.rows, gathered?.name])).toEqual([[count, 'shard-2']]);
  });

  it('two floods of one size do not hide each other', async () => {
    const shards = inShards(plain(population('within', 3000)), 6);
    shards[2]?.push(...plain([...copies(-1, 100), ...copies(-2, 100)]));
    expect((await testShards(shards, none)).rejected).toHaveLength(2);
  });

  it('copies of one source in all shards are found', async () => {
    const rows = population('sources', 3000).map((digest, row) => ({ digest, source: row % 4 }));
    const flood = copies(-1, 60).map((digest) => ({ digest, source: 3 }));
    const { rejected } = await testShards(
      inShards(rows, 6).map((own, s) => [...own, ...flood.slice(10 * s, 10 * s + 10)]),
      none,
    );
    expect(rejected.map(({ gathered }) => [gathered?.scope, gathered?.name])).toEqual([['source', 'dee']]);
  });

  it('copies that are spread evenly are not', async () => {
    const shards = inShards(plain(population('even', 3000)), 6).map((own) => [...own, ...plain(copies(-1, 20))]);
    expect((await testShards(shards, none)).rejected).toEqual([]);
  });

  it('clean batches are held at most as often as the level says, and sorted ones no oftener', async () => {
    for (const isSorted of [false, true]) {
      const rejected = await rejections(80, (seed) => {
        const rows = population(`alone/${seed}`, 1500);
        return testShards(inShards(plain(isSorted ? rows.sort((a, b) => a - b) : rows), 6), none);
      });
      expect(rejected).toBeLessThanOrEqual(mostRejections(80, LEVEL));
    }
  });
});
