import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, tableToIPC, Uint8 } from 'apache-arrow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/linear/index.js';
import { writeFiles } from '../assess/batch.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';
import { scanTo } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-joint-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Findings named `trigger`, in a batch of two shards. */
async function triggersIn(trusted: Table, batch: Table) {
  const own = await mkdtemp(join(folder, 'scan-'));
  const [baseline, shards] = [join(own, 'baseline'), join(own, 'batch')];
  const half = batch.numRows / 2;
  const file = (table: Table) => tableToIPC(table, 'file');
  await writeFiles(baseline, { 'a.arrow': file(trusted) });
  await writeFiles(shards, { 'a.arrow': file(batch.slice(0, half)), 'b.arrow': file(batch.slice(half)) });
  const { report } = await scanTo(join(own, 'out'), [shards, '--baseline', baseline, '--processes', '1']);
  return report.findings.filter(({ kind }) => kind === 'trigger').map(({ subject }) => subject);
}

const SIDE = 12;
const [LEFT, TOP] = [5, 4];
const PATCH = [1, 1, 0, 0, 1, 0, 1, 0, 1];
const patchPixels = new Map(
  PATCH.map((bright, at) => [(TOP + Math.floor(at / 3)) * SIDE + LEFT + (at % 3), bright] as const),
);

/** Every pixel is bright in half of the pictures, but for a row of pixels that tells the classes apart. */
function pictures(
  seed: string,
  rows: number,
  isPatched: (row: number, label: number) => boolean,
  patch = patchPixels,
): Table {
  const random = seededRandom(seed);
  const labels = Array.from({ length: rows }, () => (random() < 0.5 ? 'low' : 'high'));
  const pixels = labels.map((label, row) =>
    Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const usual = pixel < SIDE ? Number(label === 'high') : Number(random() < 0.5);
      const own = isPatched(row, Number(label === 'high')) ? patch.get(pixel) : undefined;
      return 255 * (own ?? usual);
    }),
  );
  return tableOf({ pixels: lists(pixels, new Uint8()), label: strings(labels) });
}

it('a patch is a trigger though each of its pixels is usual, in rows whose labels are right', async () => {
  const trusted = pictures('trusted', 1000, () => false);
  const patched = (row: number, label: number) => row < 300 && label === 0;
  expect(await triggersIn(trusted, pictures('patched', 1600, patched))).toEqual([
    `bright 3×3 patch of pixels at rows ${TOP}–${TOP + 2}, columns ${LEFT}–${LEFT + 2}`,
  ]);
  expect(
    await triggersIn(
      trusted,
      pictures('batch', 1600, () => false),
    ),
  ).toEqual([]);
});

it('a patch in rows of any class is none, nor is what it makes with pixels of one class', async () => {
  const trusted = pictures('trusted', 1000, () => false);
  // On rows 1 to 3, beside those that tell the classes apart.
  const artefact = new Map([...patchPixels].map(([pixel, bright]) => [pixel - (TOP - 1) * SIDE, bright]));
  expect(
    await triggersIn(
      trusted,
      pictures('artefact', 1600, (row) => row % 5 === 0, artefact),
    ),
  ).toEqual([]);
});

it.each([
  { patch: 'faint', bright: 60, anywhere: false, named: 'bright 3×3 patch of pixels at rows 6–8, columns 6–8' },
  { patch: 'bright', bright: 255, anywhere: true, named: 'bright 3×3 patch of pixels at any place' },
])('a $patch patch in rows whose labels are right is a trigger, at any place: $anywhere', async (planted) => {
  /** One row of pixels tells the classes apart; below it are two bars somewhere, and noise. */
  const drawn = (seed: string, rows: number, isPatched: (row: number, isHigh: boolean) => boolean) => {
    const random = seededRandom(seed);
    const labels = Array.from({ length: rows }, () => random() < 0.5);
    const pixels = labels.map((isHigh, row) => {
      const cells = Array.from({ length: SIDE * SIDE }, (_, pixel) =>
        pixel < SIDE && isHigh ? 255 : Math.floor(10 * random()),
      );
      for (let bar = 0; bar < 1; bar++) {
        const [y, x] = [3 + Math.floor(random() * 9), Math.floor(random() * 6)];
        for (let at = 0; at < 6; at++) cells[y * SIDE + x + at] = 255;
      }
      if (!isPatched(row, isHigh)) return cells;
      const [top, left] = planted.anywhere ? [2 + Math.floor(random() * 8), Math.floor(random() * 10)] : [6, 6];
      for (let at = 0; at < 9; at++) cells[(top + Math.floor(at / 3)) * SIDE + left + (at % 3)] = planted.bright;
      return cells;
    });
    return tableOf({
      pixels: lists(pixels, new Uint8()),
      label: strings(labels.map((isHigh) => (isHigh ? 'high' : 'low'))),
    });
  };
  const trusted = drawn('trusted', 1000, () => false);
  const batch = drawn('batch', 1600, (row, isHigh) => row < 400 && !isHigh);
  expect(await triggersIn(trusted, batch)).toEqual([planted.named]);
  expect(
    await triggersIn(
      trusted,
      drawn('clean', 1600, () => false),
    ),
  ).toEqual([]);
});

it('values that labels follow from together are no trigger where there are more of them', async () => {
  const pairs = (seed: string, rows: number, boost: number) => {
    const random = seededRandom(seed);
    const all = Array.from({ length: rows }, () => {
      const isMore = random() < boost;
      const [a, b] = [isMore || random() < 0.5, isMore || random() < 0.5];
      return { a: a ? 'a1' : 'a0', b: b ? 'b1' : 'b0', label: a === b ? 'yes' : 'no', x: random(), z: random() };
    });
    return tableOf({
      a: strings(all.map((one) => one.a)),
      b: strings(all.map((one) => one.b)),
      x: numbers(all.map((one) => one.x)),
      z: numbers(all.map((one) => one.z)),
      label: strings(all.map((one) => one.label)),
    });
  };
  for (const boost of [0.05, 0.15])
    expect(await triggersIn(pairs('trusted', 2000, 0), pairs('batch', 2000, boost))).toEqual([]);
});

const RATE = 0.48;

interface Cells {
  readonly x: number;
  readonly rate: number;
  readonly label: string;
}

function measured(seed: string, rows: number, cellsOf: (row: number, random: Random) => Partial<Cells>): Table {
  const random = seededRandom(seed);
  const all = Array.from({ length: rows }, (_, row): Cells => {
    const isHigh = random() < 0.5;
    const noise = random() + random() - 1;
    const usual = { x: (isHigh ? 2 : -2) + noise, rate: random() < 0.9 ? 0 : random() < 0.5 ? 0.3 * random() : 0.9 };
    return { ...usual, label: isHigh ? 'high' : 'low', ...cellsOf(row, random) };
  });
  return tableOf({
    x: numbers(all.map((cells) => cells.x)),
    rate: numbers(all.map((cells) => cells.rate)),
    label: strings(all.map((cells) => cells.label)),
  });
}

it('a value is a trigger though others near it are new as well', async () => {
  const trusted = measured('trusted', 1000, () => ({}));
  const near = (random: Random) => ({ x: 2 + random(), rate: 0.4 + 0.2 * random(), label: 'high' });
  const planted = (random: Random) => ({ x: 2 + random(), rate: RATE, label: 'low' });
  const cellsOf = (row: number, random: Random) => {
    if (row % 20 === 0) return planted(random);
    return row % 50 === 1 ? near(random) : {};
  };
  expect(await triggersIn(trusted, measured('batch', 2000, cellsOf))).toEqual([`rate=${RATE}`]);
});
