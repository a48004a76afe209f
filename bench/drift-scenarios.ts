import { type Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import {
  isNumeric,
  listSize,
  readCodes,
  readLists,
  readNumbers,
  readStrings,
  takeRows,
  withColumns,
} from '../src/encode/index.js';
import { type Random, seededRandom } from '../src/linear/index.js';
import { withCopies } from './false-alarm-split.js';
import type { Trial } from './test-batch.js';

/** Ways in which honest batches differ from trusted rows. */
export const SCENARIOS = ['none', 'tilt', 'shares', 'copies', 'topic', 'sorted', 'noise'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface DriftPlan {
  readonly corpus: string;
  readonly scenario: Scenario;
  /** Blocks of trusted rows, which differ as the batch does where there are many. */
  readonly blocks: number;
  readonly seed: number;
}

const TRUSTED_ROWS = 3000;
const BATCH_ROWS = 3000;
const SHARDS = 12;
const TILT = 0.5;
const SHARES = Math.log(3);
/** All but excludes a topic. */
const ABSENT = -8;
/** Share of labels that are wrong. */
const NOISE = { trusted: 0.02, batch: 0.03 };

/** What a scenario does to the rows: more or less of those with a high feature. */
interface Bend {
  /** Row → how much of what changes it has. */
  readonly feature: Float64Array;
  readonly batch: number;
  /** Of a block, given a number from 0 to 1. */
  readonly block: (u: number) => number;
}

/** Undefined where the corpus has nothing of the kind. */
export function drawTrial(table: Table, plan: DriftPlan): Trial | undefined {
  const { corpus, scenario, blocks, seed } = plan;
  const random = seededRandom(`${corpus}/${scenario}/${blocks}/${seed}`);
  const bend = bendOf(table, scenario, blocks, random);
  if (bend === undefined) return undefined;
  const taken = new Uint8Array(table.numRows);
  const draw = (count: number, strength: number) => drawRows(bend.feature, strength, count, taken, random);
  const trustedRows = Math.min(TRUSTED_ROWS, Math.floor(table.numRows / 2));
  const batchRows = Math.min(BATCH_ROWS, Math.floor(table.numRows / 3));
  const batch = draw(batchRows, bend.batch);
  const ofBlocks = Array.from({ length: blocks }, () => draw(Math.floor(trustedRows / blocks), bend.block(random())));
  const order = (rows: number[]) =>
    scenario === 'sorted' ? [...rows].sort((a, b) => (bend.feature[a] as number) - (bend.feature[b] as number)) : rows;
  const trustedOrder = scenario === 'sorted' && blocks > 1 ? order(ofBlocks.flat()) : ofBlocks.flat();
  let trusted = takeRows(table, Int32Array.from(trustedOrder));
  let judged = takeRows(table, Int32Array.from(order(batch)));
  const rowsBefore = trusted.numRows;
  const blockOf = (row: number) => Math.floor(((row % rowsBefore) * blocks) / rowsBefore);
  if (scenario === 'noise') {
    const classes = [...new Set(readStrings(table.getChild('label') as Vector))];
    const spread = NOISE.batch - NOISE.trusted;
    const noise = ofBlocks.map(() => NOISE.trusted + (blocks === 1 ? 0 : spread * (2 * random() - 1)));
    trusted = relabel(trusted, (row) => noise[blockOf(row)] as number, classes, random);
    judged = withSources(relabel(judged, () => NOISE.batch, classes, random));
  }
  if (scenario === 'copies') trusted = withCopies(trusted, random);
  return {
    corpus,
    seed,
    trusted,
    blockOf: Int32Array.from({ length: trusted.numRows }, (_, row) => blockOf(row)),
    shards: Array.from({ length: SHARDS }, (_, s) =>
      judged.slice(Math.floor((s * judged.numRows) / SHARDS), Math.floor(((s + 1) * judged.numRows) / SHARDS)),
    ),
  };
}

function bendOf(table: Table, scenario: Scenario, blocks: number, random: Random): Bend | undefined {
  const none = new Float64Array(table.numRows);
  const level = { feature: none, batch: 0, block: () => 0 };
  const isOne = blocks === 1;
  switch (scenario) {
    case 'tilt': {
      const feature = numberOf(table, random) ?? standardised(brightnessOf(table) ?? lengthOf(table));
      return feature && { feature, batch: TILT, block: (u) => (isOne ? 0 : TILT * (2 * u - 1)) };
    }
    case 'sorted': {
      const feature = numberOf(table, random) ?? lengthOf(table);
      return feature && { feature, batch: 0, block: () => 0 };
    }
    case 'shares': {
      const { codes, values } = readCodes(table.getChild('label') as Vector);
      const grown = Math.floor(random() * values.length);
      const feature = Float64Array.from(codes, (code) =>
        code === grown ? 1 : code === (grown + 1) % values.length ? -1 : 0,
      );
      return { feature, batch: SHARES, block: (u) => (isOne ? 0 : SHARES * (2 * u - 1)) };
    }
    case 'topic': {
      const feature = topicOf(table, random);
      return feature && { feature, batch: SHARES, block: (u) => (isOne || u < 0.5 ? ABSENT : SHARES) };
    }
    default:
      return level;
  }
}

/** A standardised column of numbers that has more than a few values. */
function numberOf(table: Table, random: Random): Float64Array | undefined {
  const columns = table.schema.fields.flatMap(({ name, type }) => {
    if (name === 'label' || !isNumeric(type)) return [];
    const values = Float64Array.from(readNumbers(table.getChild(name) as Vector));
    return new Set(values).size > 10 && !values.some(Number.isNaN) ? [values] : [];
  });
  return standardised(columns[Math.floor(random() * columns.length)]);
}

/** As ranks of about unit variance. */
function standardised(values: Float64Array | undefined): Float64Array | undefined {
  if (values === undefined) return undefined;
  const ranks = new Map([...new Set(values)].sort((a, b) => a - b).map((value, at, all) => [value, at / all.length]));
  return values.map((value) => 3.4 * ((ranks.get(value) ?? 0) - 0.5));
}

/** Of pictures the mean of their pixels. */
function brightnessOf(table: Table): Float64Array | undefined {
  const field = table.schema.fields.find(({ type }) => listSize(type) !== undefined);
  if (field === undefined) return undefined;
  const size = listSize(field.type) as number;
  const values = readLists(table.getChild(field.name) as Vector, size);
  return Float64Array.from({ length: table.numRows }, (_, row) => {
    let sum = 0;
    for (let at = row * size; at < (row + 1) * size; at++) sum += values[at] as number;
    return sum / size;
  });
}

function textsOf(table: Table): (string | null)[] | undefined {
  const column = table.getChild('text');
  return column === null ? undefined : readStrings(column);
}

function lengthOf(table: Table): Float64Array | undefined {
  const texts = textsOf(table);
  return texts && Float64Array.from(texts, (text) => text?.length ?? 0);
}

/** Texts with a word that three to ten per cent of them have. */
function topicOf(table: Table, random: Random): Float64Array | undefined {
  const words = textsOf(table)?.map((text) => new Set((text ?? '').toLowerCase().match(/\p{L}{4,}/gu) ?? []));
  if (words === undefined) return undefined;
  const counts = new Map<string, number>();
  for (const own of words) for (const word of own) counts.set(word, (counts.get(word) ?? 0) + 1);
  const topics = [...counts].filter(([, count]) => count > 0.03 * words.length && count < 0.1 * words.length);
  const topic = topics[Math.floor(random() * topics.length)]?.[0];
  return topic === undefined ? undefined : Float64Array.from(words, (own) => (own.has(topic) ? 1 : 0));
}

/** Without replacement, in proportion to exp(strength × feature) (Efraimidis and Spirakis 2006). */
function drawRows(feature: Float64Array, strength: number, count: number, taken: Uint8Array, random: Random): number[] {
  const keys = Array.from(feature, (value, row) => ({
    row,
    key: taken[row] === 1 ? Infinity : -Math.log(1 - random()) / Math.exp(strength * value),
  }));
  const drawn = keys
    .sort((a, b) => a.key - b.key || a.row - b.row)
    .slice(0, count)
    .map(({ row }) => row);
  for (const row of drawn) taken[row] = 1;
  return drawn;
}

function relabel(
  table: Table,
  shareOf: (row: number) => number,
  classes: readonly (string | null)[],
  random: Random,
): Table {
  const labels = readStrings(table.getChild('label') as Vector).map((label, row) => {
    const other = classes[Math.floor(random() * classes.length)] ?? label;
    return random() < (shareOf(row) * classes.length) / (classes.length - 1) ? other : label;
  });
  return withColumns(table, new Map([['label', vectorFromArray(labels, new Utf8())]]));
}

function withSources(table: Table): Table {
  const names = Array.from({ length: table.numRows }, (_, row) => `annotator-${row % 8}`);
  return withColumns(table, new Map([['source', vectorFromArray(names, new Utf8())]]));
}
