import { Float32, type Table, Vector, vectorFromArray } from 'apache-arrow';
import { groupCopies } from '../../src/baseline/copies.js';
import type { LabelledRows, TrustedRows } from '../../src/detect/index.js';
import { assignRoles, encodeRows, fitEncoder, rowDigests } from '../../src/encode/index.js';
import { normals, seededRandom } from '../../src/linear/index.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';

/** Rows and what they are: made by one seeded process, so that two of them differ by chance alone. */
export interface Population {
  readonly table: Table;
  readonly labels: Int32Array;
}

export type Sampler = (rows: number, seed: string) => Population;

export const CLASSES = 3;
const DIMS = 6;

function drawLabels(rows: number, random: () => number): Int32Array {
  return Int32Array.from({ length: rows }, () => Math.floor(random() * CLASSES));
}

/** A normal cloud per class; `distance` between the centres, in deviations. */
function clouds(rows: number, seed: string, distance: number): { labels: Int32Array; cells: Float32Array } {
  const random = seededRandom(seed);
  const labels = drawLabels(rows, random);
  const cells = normals(random, rows * DIMS);
  labels.forEach((label, row) => {
    cells[row * DIMS + label] = cells[row * DIMS + label]! + distance;
  });
  return { labels, cells };
}

/** Numbers; classes overlap by default. */
export const numberRows: Sampler = (rows, seed) => numberRowsAt(rows, seed, 2);

export function numberRowsAt(rows: number, seed: string, distance: number): Population {
  const { labels, cells } = clouds(rows, seed, distance);
  const column = (d: number) => numbers(Array.from({ length: rows }, (_, row) => cells[row * DIMS + d]!));
  return { labels, table: tableOf(Object.fromEntries(Array.from({ length: DIMS }, (_, d) => [`n${d}`, column(d)]))) };
}

/** Numbers with nulls and heavy tails, categories with nulls and rare ones. */
export const mixedRows: Sampler = (rows, seed) => {
  const { labels, cells } = clouds(rows, seed, 1.5);
  const random = seededRandom(`${seed}/categories`);
  const each = <T>(cell: (row: number) => T) => Array.from({ length: rows }, (_, row) => cell(row));
  return {
    labels,
    table: tableOf({
      heavy: numbers(each((row) => Math.sinh(2 * cells[row * DIMS + labels[row]!]!))),
      gaps: numbers(each((row) => (random() < 0.2 ? null : cells[row * DIMS]!))),
      colour: strings(each((row) => (random() < 0.1 ? null : `c${Math.floor(8 * random() ** 3) + labels[row]!}`))),
      shape: strings(each(() => ['round', 'square', `odd${Math.floor(random() * 1e6)}`][Math.floor(random() * 2.1)]!)),
    }),
  };
};

export const vectorRows: Sampler = (rows, seed) => {
  const { labels, cells } = clouds(rows, seed, 2.5);
  const vectors = Array.from({ length: rows }, (_, row) => [...cells.subarray(row * DIMS, (row + 1) * DIMS)]);
  return { labels, table: tableOf({ vector: lists(vectors, new Float32()) }) };
};

const TOPICS = [
  'goal team match league striker coach season stadium referee keeper penalty corner fans transfer trophy',
  'bank share market profit bond price trade dividend loan fund broker index rate tax merger',
  'virus doctor patient fever vaccine clinic nurse dose symptom therapy surgeon organ cell trial drug',
].map((words) => words.split(' '));
const COMMON = 'the a of and to in for was said with on by it this from after when more than over'.split(' ');

/** Sentences about a topic per class, in words common to all. */
export const textRows: Sampler = (rows, seed) => {
  const random = seededRandom(seed);
  const labels = drawLabels(rows, random);
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]!;
  const sentence = (label: number) =>
    Array.from({ length: 8 + Math.floor(random() * 10) }, () => pick(random() < 0.3 ? TOPICS[label]! : COMMON)).join(
      ' ',
    );
  return { labels, table: tableOf({ text: strings(Array.from(labels, sentence)) }) };
};

/** Numbers beside text, neither of which tells anything of the other but the class. */
export const textAndNumberRows: Sampler = (rows, seed) => {
  const random = seededRandom(`${seed}/noise`);
  const { labels, table } = textRows(rows, seed);
  const size = numbers(Array.from(labels, (label) => label + normals(random, 1)[0]!));
  return { labels, table: tableOf({ text: table.getChild('text')!, size }) };
};

export const samplers: readonly (readonly [string, Sampler])[] = [
  ['numbers', numberRows],
  ['mixed columns', mixedRows],
  ['vectors', vectorRows],
  ['text', textRows],
  ['text and numbers', textAndNumberRows],
];

export interface FittedOn {
  readonly trusted: TrustedRows;
  /** One row of each group of equal ones. */
  readonly distinct: Int32Array;
  readonly encode: (population: Population) => LabelledRows;
}

/** Trusted rows as detectors are handed them. */
export function trust({ table, labels }: Population): FittedOn {
  const columns = assignRoles(table, { ids: [] }, 'trusted');
  const names = columns.map(({ name }) => name);
  const digests = rowDigests(table, names);
  const { copies, distinct } = groupCopies(digests);
  const encoder = fitEncoder(table, columns, distinct, 'seed');
  return {
    trusted: { ...encodeRows(encoder, table), labels, classes: CLASSES, copies, digests },
    distinct,
    encode: (population) => ({ ...encodeRows(encoder, population.table), labels: population.labels }),
  };
}

/** The rows of `population` at `chosen`, some perhaps twice. */
export function pickRows({ table, labels }: Population, chosen: readonly number[]): Population {
  const columns = table.schema.fields.map(({ name, type }) => {
    const column = table.getChild(name)!;
    const cells = chosen.map((row): unknown => column.get(row));
    const plain = cells.map((cell) => (cell instanceof Vector ? [...cell] : cell));
    return [name, vectorFromArray(plain, type)] as const;
  });
  return { table: tableOf(Object.fromEntries(columns)), labels: Int32Array.from(chosen, (row) => labels[row]!) };
}
