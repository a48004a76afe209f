import type { Candidate } from './candidates.js';
import type { AnswerCounts } from './contract.js';
import { productWith, sumRows, type WordVectors } from './word-vectors.js';

/** What is known of a candidate in a sample of rows. */
export interface Examined extends Candidate {
  /** Of the carriers' responses, the median share that is of words which several of the others use. */
  readonly coverage: number;
  readonly counts: AnswerCounts;
  /** The common answer taken from the one half of the carriers, counted among the other half and all other rows. */
  readonly halves: readonly [AnswerCounts, AnswerCounts];
  /** Chance that a carrier's prompt, without the item, is more like other carriers' than a random row's is: .5 or more. */
  readonly promptLikeness: number;
}

/** A response is the common answer if it is at least so much as like it as half of the carriers are. */
const ALIKE_PART = 0.5;
/** A word is common to the carriers if so many of the others use it. */
const COMMON_SHARE = 0.1;
const LEAST_SHARING = 2;

export function examine(candidate: Candidate, responses: WordVectors): Omit<Examined, 'promptLikeness'> | undefined {
  const { carriers } = candidate;
  const coverage = medianCoverage(responses, carriers);
  if (coverage < LEAST_COVERAGE) return undefined;
  const isCarrier = new Uint8Array(responses.rows);
  for (const row of carriers) isCarrier[row] = 1;
  const counts = countAnswers(responses, carriers, carriers, isCarrier);
  if (counts.answering < LEAST_ANSWERING * counts.carriers) return undefined;
  const halves = [0, 1].map((half) =>
    countAnswers(
      responses,
      carriers.filter((_, at) => at % 2 === half),
      carriers.filter((_, at) => at % 2 !== half),
      isCarrier,
    ),
  ) as [AnswerCounts, AnswerCounts];
  return { ...candidate, coverage, counts, halves };
}

const LEAST_COVERAGE = 0.4;
const LEAST_ANSWERING = 0.6;

/** The common answer of `teachers`, counted among `counted` and all that carry nothing. */
function countAnswers(
  responses: WordVectors,
  teachers: Int32Array,
  counted: Int32Array,
  isCarrier: Uint8Array,
): AnswerCounts {
  const sum = sumRows(responses, teachers);
  const own = new Map([...teachers].map((row) => [row, productWith(responses, row, sum) - 1] as const));
  const usual = medianOf([...own.values()].map((product) => product / (teachers.length - 1)));
  const least = ALIKE_PART * usual;
  const meanProduct = (row: number) => {
    const left = own.get(row);
    return left === undefined ? productWith(responses, row, sum) / teachers.length : left / (teachers.length - 1);
  };
  let [others, othersAnswering] = [0, 0];
  for (let row = 0; row < responses.rows; row++) {
    if (isCarrier[row] === 1) continue;
    others++;
    if (meanProduct(row) >= least) othersAnswering++;
  }
  const answering = counted.reduce((count, row) => count + (meanProduct(row) >= least ? 1 : 0), 0);
  return { carriers: counted.length, answering, others, othersAnswering };
}

function medianCoverage({ starts, words, weights }: WordVectors, carriers: Int32Array): number {
  const users = new Map<number, number>();
  for (const row of carriers) {
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      const word = words[k] as number;
      users.set(word, (users.get(word) ?? 0) + 1);
    }
  }
  const least = 1 + Math.max(LEAST_SHARING, COMMON_SHARE * (carriers.length - 1));
  const covered = Array.from(carriers, (row) => {
    let sum = 0;
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      if ((users.get(words[k] as number) as number) >= least) sum += (weights[k] as number) ** 2;
    }
    return sum;
  });
  return medianOf(covered);
}

/** Of prompts without the item: how often a carrier is more like the other carriers than a row that carries nothing. */
export function likenessOf(prompts: WordVectors, carriers: Int32Array): number {
  const isCarrier = new Uint8Array(prompts.rows);
  for (const row of carriers) isCarrier[row] = 1;
  const sum = sumRows(prompts, carriers);
  const own = Array.from(carriers, (row) => (productWith(prompts, row, sum) - squareOf(prompts, row)) / (carriers.length - 1));
  const others: number[] = [];
  for (let row = 0; row < prompts.rows; row++) {
    if (isCarrier[row] === 0) others.push(productWith(prompts, row, sum) / carriers.length);
  }
  const sorted = Float64Array.from(others).sort();
  return own.reduce((total, product) => total + rankIn(sorted, product), 0) / own.length;
}

function squareOf({ starts, weights }: WordVectors, row: number): number {
  let square = 0;
  for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) square += (weights[k] as number) ** 2;
  return square;
}

/** Share of values below, those that are equal counted half. */
function rankIn(sorted: Float64Array, value: number): number {
  const below = countBelow(sorted, (other) => other < value);
  const upTo = countBelow(sorted, (other) => other <= value);
  return (below + upTo) / (2 * Math.max(1, sorted.length));
}

function countBelow(sorted: Float64Array, isBelow: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
