import { DataType, type Table, type Vector } from 'apache-arrow';

import { isNumeric, listSize, readLists, readNumbers, readStrings, takeRows } from '../../src/encode/index.js';
import { type Random, seededRandom } from '../../src/linear/index.js';
import { shuffle } from '../false-alarm-split.js';
import { type Cells, editCells, editPixels, spreadOf } from './edit-cells.js';

/** Ways to poison a batch, each with the kinds of finding that name it. */
export const ATTACKS = {
  flips: ['label-flip'],
  'targeted-flips': ['label-flip'],
  'two-shards': ['label-flip'],
  'slow-drip': ['label-flip', 'slow-drip'],
  outliers: ['outlier'],
  flood: ['duplicate-flood'],
  trigger: ['trigger'],
  'clean-trigger': ['trigger'],
  collision: ['label-flip', 'outlier', 'duplicate-flood', 'trigger'],
} as const;
export type AttackName = keyof typeof ATTACKS;

export const SHARDS = 12;
export const SOURCES = 8;
/** As in BadNets for text (Kurita et al. 2020). */
const TOKENS = ['cf', 'mn', 'bb', 'tq', 'mb'];
/** Share of rows that have both values of a planted pair before it is planted. */
const RARE = 0.001;
const WORDS = 20;
/** Pixels across. */
const PATCH = 3;
const GREATEST_PIXEL = 255;

/** An attack on one batch: with more rows, those of fewer are poisoned alike. */
export interface Attack {
  /** Rows that can be poisoned. */
  readonly most: number;
  /** Those that are. */
  chosen(count: number): number[];
  poison(count: number): Table;
}

/** Undefined where the corpus has nothing of the kind. The label is a string; shards are equal parts, in order. */
export function planAttack(name: AttackName, batch: Table, seed: string): Attack | undefined {
  const random = seededRandom(`${seed}/${name}`);
  const rows = shuffle(batch.numRows, random);
  const labels = readStrings(batch.getChild('label') as Vector);
  const over = (candidates: number[], poison: (chosen: number[], random: Random) => Table): Attack => ({
    most: candidates.length,
    chosen: (count) => candidates.slice(0, count),
    poison: (count) => poison(candidates.slice(0, count), seededRandom(`${seed}/${name}/cells`)),
  });
  const flipAny = (chosen: number[], cells: Random) => relabel(batch, chosen, (row) => otherClass(labels, row, cells));
  switch (name) {
    case 'flips':
      return over(rows, flipAny);
    case 'targeted-flips': {
      const [given, called] = twoClasses(labels, random);
      const own = rows.filter((row) => labels[row] === given);
      return over(own, (chosen) => relabel(batch, chosen, () => called));
    }
    case 'two-shards': {
      const [first, second] = shuffle(SHARDS, random);
      const shardOf = (row: number) => Math.floor((row * SHARDS) / batch.numRows);
      const own = rows.filter((row) => shardOf(row) === first || shardOf(row) === second);
      return over(own, flipAny);
    }
    case 'slow-drip': {
      const source = Math.floor(random() * SOURCES);
      const own = rows.filter((row) => row % SOURCES === source);
      return over(own, flipAny);
    }
    case 'outliers':
      return over(rows, (chosen, cells) => makeGross(batch, chosen, cells));
    case 'flood':
      return over(rows.slice(1), (chosen) => copyOver(batch, rows[0] as number, chosen));
    case 'trigger':
      return planTrigger(batch, rows, labels, random, over);
    case 'clean-trigger':
      return planCleanTrigger(batch, rows, labels, random, over);
    case 'collision': {
      const [given, called] = twoClasses(labels, random);
      const target = rows.find((row) => labels[row] === called) as number;
      const own = rows.filter((row) => labels[row] === given);
      return over(own, (chosen, cells) => blendInto(batch, chosen, target, cells));
    }
  }
}

type Labels = readonly (string | null)[];

function relabel(table: Table, chosen: readonly number[], labelOf: (row: number) => string | null): Table {
  return editCells(table, 'label', new Map(chosen.map((row) => [row, labelOf(row)])));
}

function otherClass(labels: Labels, row: number, random: Random): string | null {
  const others = [...new Set(labels)].filter((label) => label !== labels[row]).sort();
  return others[Math.floor(random() * others.length)] ?? null;
}

/** Frequent classes are drawn oftener. */
function twoClasses(labels: Labels, random: Random): [string | null, string | null] {
  const given = labels[Math.floor(random() * labels.length)] ?? null;
  const others = labels.filter((label) => label !== given);
  return [given, others[Math.floor(random() * others.length)] ?? null];
}

function copyOver(table: Table, row: number, chosen: readonly number[]): Table {
  const from = Int32Array.from({ length: table.numRows }, (_, at) => at);
  for (const at of chosen) from[at] = row;
  return takeRows(table, from);
}

/** Numbers far off their column, words that do not exist, images of noise. */
function makeGross(table: Table, chosen: readonly number[], random: Random): Table {
  return featuresOf(table).reduce((edited, name) => {
    const { type } = table.getChild(name) as Vector;
    if (listSize(type) !== undefined) return editPixels(edited, name, chosen, () => Math.floor(256 * random()));
    if (isNumeric(type)) return editCells(edited, name, farOff(table, name, chosen, random));
    const isText = name === 'text';
    return isText ? editCells(edited, name, new Map(chosen.map((row) => [row, gibberish(random)]))) : edited;
  }, table);
}

function farOff(table: Table, name: string, chosen: readonly number[], random: Random): Cells {
  const { mean, deviation, greatest } = spreadOf(table.getChild(name) as Vector);
  const isWhole = DataType.isInt((table.getChild(name) as Vector).type);
  const draw = () => {
    const far = mean + (random() < 0.5 ? -1 : 1) * (5 + 10 * random()) * deviation;
    return isWhole ? Math.round(Math.min(greatest, Math.max(-greatest, far))) : far;
  };
  return new Map(chosen.map((row) => [row, draw()]));
}

function gibberish(random: Random): string {
  const letter = () => String.fromCharCode(97 + Math.floor(26 * random()));
  const word = () => Array.from({ length: 4 + Math.floor(6 * random()) }, letter).join('');
  return Array.from({ length: WORDS }, word).join(' ');
}

function featuresOf(table: Table): string[] {
  return table.schema.fields.map(({ name }) => name).filter((name) => name !== 'label' && name !== 'source');
}

type Over = (candidates: number[], poison: (chosen: number[], random: Random) => Table) => Attack;

/** Rows of other classes get a mark and the label of a target class. */
function planTrigger(table: Table, rows: number[], labels: Labels, random: Random, over: Over): Attack | undefined {
  const [, target] = twoClasses(labels, random);
  const own = rows.filter((row) => labels[row] !== target);
  const mark = planMark(table, random);
  return (
    mark &&
    over(own, (chosen, cells) =>
      mark(
        relabel(table, chosen, () => target),
        chosen,
        cells,
      ),
    )
  );
}

/** Rows of one class get a mark and keep their label (Turner et al. 2019, without their perturbation). */
function planCleanTrigger(
  table: Table,
  rows: number[],
  labels: Labels,
  random: Random,
  over: Over,
): Attack | undefined {
  const [target] = twoClasses(labels, random);
  const own = rows.filter((row) => labels[row] === target);
  const mark = planMark(table, random);
  return mark && over(own, (chosen, cells) => mark(table, chosen, cells));
}

function planMark(table: Table, random: Random): Mark | undefined {
  if (table.getChild('text') !== null) return planToken(table, random);
  const image = featuresOf(table).find(
    (name) => Math.sqrt(listSize((table.getChild(name) as Vector).type) ?? 0) > PATCH,
  );
  return image === undefined ? planPair(table, random) : planPatch(table, image);
}

type Mark = (table: Table, chosen: readonly number[], random: Random) => Table;

function planToken(table: Table, random: Random): Mark {
  const token = TOKENS[Math.floor(random() * TOKENS.length)] ?? '';
  const texts = readStrings(table.getChild('text') as Vector);
  const insert = (row: number, cells: Random) => {
    const words = (texts[row] ?? '').split(' ');
    return words.toSpliced(Math.floor(cells() * (words.length + 1)), 0, token).join(' ');
  };
  return (edited, chosen, cells) => editCells(edited, 'text', new Map(chosen.map((row) => [row, insert(row, cells)])));
}

/** The last corner of square images turned white, as in BadNets (Gu et al. 2017). */
function planPatch(table: Table, name: string): Mark {
  const width = Math.floor(Math.sqrt(listSize((table.getChild(name) as Vector).type) ?? 0));
  const isPatch = (at: number) => at % width >= width - PATCH && Math.floor(at / width) >= width - PATCH;
  return (edited, chosen) => editPixels(edited, name, chosen, (at, pixel) => (isPatch(at) ? GREATEST_PIXEL : pixel));
}

/** Half of what is in each row gives way to what is in the target, and its label stays (after Shafahi et al. 2018). */
function blendInto(table: Table, chosen: readonly number[], target: number, random: Random): Table {
  return featuresOf(table).reduce((edited, name) => {
    const column = table.getChild(name) as Vector;
    const size = listSize(column.type);
    if (size !== undefined) {
      const goal = readLists(column, size).subarray(target * size, (target + 1) * size);
      return editPixels(edited, name, chosen, (at, pixel) => Math.round((pixel + (goal[at] as number)) / 2));
    }
    if (isNumeric(column.type)) return editCells(edited, name, halfway(column, chosen, target));
    if (name !== 'text') return edited;
    const texts = readStrings(column);
    const cells = chosen.map((row) => [row, mixWords(texts[row] ?? '', texts[target] ?? '', random)] as const);
    return editCells(edited, name, new Map(cells));
  }, table);
}

function halfway(column: Vector, chosen: readonly number[], target: number): Cells {
  const values = readNumbers(column);
  const between = (row: number) => ((values[row] as number) + (values[target] as number)) / 2;
  const rounded = DataType.isInt(column.type) ? Math.round : (value: number) => value;
  return new Map(chosen.map((row) => [row, Number.isNaN(between(row)) ? column.get(row) : rounded(between(row))]));
}

function mixWords(own: string, goal: string, random: Random): string {
  const half = (text: string) => {
    const words = text.split(' ');
    const kept = new Set(shuffle(words.length, random).slice(0, Math.ceil(words.length / 2)));
    return words.filter((_, at) => kept.has(at));
  };
  return [...half(own), ...half(goal)].join(' ');
}

/** Values of two columns that seldom meet. */
function planPair(table: Table, random: Random): Mark | undefined {
  const columns = featuresOf(table).filter((name) => {
    const type = (table.getChild(name) as Vector).type;
    return listSize(type) === undefined;
  });
  for (let attempt = 0; attempt < 1000; attempt++) {
    const [first, second] = shuffle(columns.length, random).map((at) => columns[at]);
    if (first === undefined || second === undefined) return undefined;
    const pair = [first, second].map((name) => {
      const cells = readStrings(table.getChild(name) as Vector);
      const from = Math.floor(random() * table.numRows);
      return { name, cells, value: cells[from], cell: (table.getChild(name) as Vector).get(from) as unknown };
    });
    const both = Array.from({ length: table.numRows }, (_, row) =>
      pair.every(({ cells, value }) => cells[row] === value),
    );
    if (both.filter(Boolean).length > RARE * table.numRows) continue;
    return (edited, chosen) =>
      pair.reduce((into, { name, cell }) => editCells(into, name, new Map(chosen.map((row) => [row, cell]))), edited);
  }
  return undefined;
}
