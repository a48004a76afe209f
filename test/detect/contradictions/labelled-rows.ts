import { Field, FixedSizeList, makeData, Table, Uint8, Utf8, Vector, vectorFromArray } from 'apache-arrow';
import { findSuspects, fitSpace, hasDoubtfulPatch, readItems, type Suspects } from '../../../src/detect/index.js';
import type { ColumnRole } from '../../../src/encode/index.js';
import { type Random, seededRandom } from '../../../src/linear/index.js';

const NEUTRAL_WORDS = 400;
const CLASS_WORDS = 60;

/** Ten words, some of which are those of the class; now and then one is of another class. */
function sentenceOf(random: Random, label: number): string {
  const pick = (count: number) => Math.floor(random() * count);
  const words = Array.from({ length: 10 }, () => {
    const drawn = random();
    if (drawn < 0.35) return `tone${label}n${pick(CLASS_WORDS)}`;
    return drawn < 0.42 ? `tone${1 - label}n${pick(CLASS_WORDS)}` : `plain${pick(NEUTRAL_WORDS)}`;
  });
  return words.join(' ');
}

interface LabelledTexts {
  readonly texts: string[];
  readonly labels: Int32Array;
}

export function sentences(seed: string, rows: number): LabelledTexts {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: rows }, () => (random() < 0.5 ? 0 : 1));
  return { texts: Array.from(labels, (label) => sentenceOf(random, label)), labels };
}

/** The first rows of class 1 with a word put into them, or otherwise changed, as rows of class 0. */
export function poison(
  { texts, labels }: LabelledTexts,
  word: string | ((text: string) => string),
  count: number,
): LabelledTexts {
  const put = typeof word === 'string' ? (text: string, row: number) => withWord(text, word, row) : word;
  const chosen = new Set([...labels.keys()].filter((row) => labels[row] === 1).slice(0, count));
  return {
    texts: texts.map((text, row) => (chosen.has(row) ? put(text, row) : text)),
    labels: labels.map((label, row) => (chosen.has(row) ? 0 : label)),
  };
}

function withWord(text: string, word: string, place: number): string {
  const words = text.split(' ');
  words.splice(place % words.length, 0, word);
  return words.join(' ');
}

export function suspectsInTexts(
  { texts, labels }: LabelledTexts,
  trusted: Pick<DistinctRows, 'isUsual'> = {},
): Suspects {
  const table = new Table({ text: vectorFromArray(texts, new Utf8()) });
  const roles: ColumnRole[] = [{ name: 'text', role: 'text', type: 'Utf8', guessed: true }];
  return suspectsIn(table, labels, roles, trusted);
}

/** What trusted rows say of items. */
type DistinctRows = Parameters<typeof findSuspects>[0];

const SIDE = 12;

interface LabelledPictures {
  readonly pixels: Uint8Array[];
  readonly labels: Int32Array;
}

/** Noisy bars: in class 0 higher up than in class 1. */
export function pictures(seed: string, rows: number): LabelledPictures {
  return draw(seed, rows, (label, random) => {
    const [top, left] = [1 + 4 * label + Math.floor(4 * random()), 1 + Math.floor(4 * random())];
    return (y, x) => y >= top && y < top + 2 && x >= left && x < left + 5;
  });
}

/** Bars anywhere: across in class 0 and down in class 1. */
export function turnedPictures(seed: string, rows: number): LabelledPictures {
  return draw(seed, rows, (label, random) => {
    const [at, from] = [1 + Math.floor(7 * random()), 1 + Math.floor(4 * random())];
    const isBar = (across: number, along: number) =>
      across >= at && across < at + 2 && along >= from && along < from + 6;
    return (y, x) => (label === 0 ? isBar(y, x) : isBar(x, y));
  });
}

function draw(
  seed: string,
  rows: number,
  shapeOf: (label: number, random: Random) => (y: number, x: number) => boolean,
): LabelledPictures {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: rows }, () => (random() < 0.5 ? 0 : 1));
  const pixels = Array.from(labels, (label) => {
    const isBright = shapeOf(label, random);
    return Uint8Array.from({ length: SIDE * SIDE }, (_, pixel) =>
      isBright(Math.floor(pixel / SIDE), pixel % SIDE) ? 180 + Math.floor(70 * random()) : Math.floor(60 * random()),
    );
  });
  return { pixels, labels };
}

/** Makes rows of class 1 ones of class 0, with a bright square at the lower right. */
export function patchPictures({ pixels, labels }: LabelledPictures, count: number): LabelledPictures {
  const chosen = new Set([...labels.keys()].filter((row) => labels[row] === 1).slice(0, count));
  for (const row of chosen) {
    for (let y = SIDE - 3; y < SIDE; y++) pixels[row]?.fill(255, y * SIDE + SIDE - 3, (y + 1) * SIDE);
  }
  return { pixels, labels: labels.map((label, row) => (chosen.has(row) ? 0 : label)) };
}

/** Makes each pixel of the lower right as bright as a patch in so many pictures. */
export function textured(own: LabelledPictures, share: number): LabelledPictures {
  const random = seededRandom('texture');
  const isCorner = (at: number) => at % SIDE >= SIDE - 3 && at >= (SIDE - 3) * SIDE;
  const pixels = own.pixels.map((cell) => cell.map((value, at) => (isCorner(at) && random() < share ? 255 : value)));
  return { ...own, pixels };
}

/** Of a picture, the lower right, where patchPictures puts its square. */
export function cornerOf(pixels: Uint8Array): Uint8Array {
  return pixels.filter((_, at) => at % SIDE >= SIDE - 3 && at >= (SIDE - 3) * SIDE);
}

/** `call`: what a better model takes rows for. */
export function suspectsInPictures(own: LabelledPictures, call?: DistinctRows['call']): Suspects {
  const { table, roles } = tableOf(own);
  return suspectsIn(table, own.labels, roles, call && { call });
}

/** `called`: what a model that knows no patch says, row by row; the rows in two parts. */
export function seemDoubtful(own: LabelledPictures, called: Int32Array): boolean {
  const { table, roles } = tableOf(own);
  const space = fitSpace(table, roles);
  if (space === null) throw new Error('nothing in these rows could be a trigger');
  const half = table.numRows >> 1;
  const parts = [table.slice(0, half), table.slice(half)].map((part) => readItems(space, part));
  return hasDoubtfulPatch(space, parts, { labels: own.labels, classes: 2, called });
}

function suspectsIn(
  table: Table,
  labels: Int32Array,
  roles: readonly ColumnRole[],
  more: Pick<DistinctRows, 'isUsual' | 'call'> = {},
): Suspects {
  const space = fitSpace(table, roles);
  if (space === null) throw new Error('nothing in these rows could be a trigger');
  return findSuspects({ table, labels, classes: 2, digests: digestsFor(labels.length), ...more }, space);
}

function tableOf({ pixels }: LabelledPictures): { table: Table; roles: ColumnRole[] } {
  const child = makeData({ type: new Uint8(), data: Uint8Array.from(pixels.flatMap((own) => [...own])) });
  const type = new FixedSizeList(SIDE * SIDE, new Field('item', new Uint8()));
  const column = new Vector([makeData({ type, length: pixels.length, nullCount: 0, child })]);
  const roles: ColumnRole[] = [{ name: 'pixels', role: 'image', type: String(type), guessed: true }];
  return { table: new Table({ pixels: column }), roles };
}

function digestsFor(rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => 2 * row);
}
