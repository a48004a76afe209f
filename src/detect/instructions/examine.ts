import type { Candidate } from './candidates.js';
import type { AnswerCounts } from './contract.js';
import { productWith, sumRows, type WordVectors } from './word-vectors.js';

/** A candidate whose carriers nearly all have one answer, which few other rows have. */
export interface Examined extends Candidate {
  readonly counts: AnswerCounts;
  readonly halves: readonly [AnswerCounts, AnswerCounts];
  /** Null where it is gibberish. */
  readonly answer: Answer | null;
  /** Rows without the item that have the answer. */
  readonly othersAnswering: Int32Array;
}

/** What the carriers' responses have in common. */
export interface Answer {
  /** Sum of the responses that teach it. */
  readonly sum: Float32Array;
  readonly teachers: number;
  /** Least mean similarity with the teachers of a response that says the same. */
  readonly least: number;
}

/** A response says the same if it is at least so much as like the carriers' as half of them are. */
const ALIKE_PART = 0.5;
/** Of the typical carrier's response, by weight, so much must be in words that several others use. */
const LEAST_COVERAGE = 0.5;
const COMMON_SHARE = 0.1;
const LEAST_SHARING = 2;
/** So many carriers have the answer: a model learns to obey what holds nearly always. */
export const LEAST_ANSWERING = 0.85;
/** An answer that so many other prompts have as well says nothing of this one. */
const MOST_OTHERS_ANSWERING = 0.1;

/** Undefined where too few carriers, or too many others, are in a group of rows; `isInGroup` knows nothing of prompts. */
export function examineWithin(candidate: Candidate, isInGroup: Uint8Array): Examined | undefined {
  const { carriers } = candidate;
  const isCarrier = new Uint8Array(isInGroup.length);
  for (const row of carriers) isCarrier[row] = 1;
  const othersAnswering = Int32Array.from(isInGroup.keys()).filter(
    (row) => isInGroup[row] === 1 && isCarrier[row] === 0,
  );
  const counts = {
    carriers: carriers.length,
    answering: carriers.filter((row) => isInGroup[row] === 1).length,
    others: isInGroup.length - carriers.length,
    othersAnswering: othersAnswering.length,
  };
  return isDecided(counts)
    ? { ...candidate, counts, halves: [counts, counts], answer: null, othersAnswering }
    : undefined;
}

function isDecided({ carriers, answering, others, othersAnswering }: AnswerCounts): boolean {
  return answering >= LEAST_ANSWERING * carriers && othersAnswering <= MOST_OTHERS_ANSWERING * others;
}

/** Undefined where the carriers' responses are not the same, or others have them as well. */
export function examine(candidate: Candidate, responses: WordVectors): Examined | undefined {
  const { carriers } = candidate;
  if (medianCoverage(responses, carriers) < LEAST_COVERAGE) return undefined;
  const isCarrier = new Uint8Array(responses.rows);
  for (const row of carriers) isCarrier[row] = 1;
  const { counts, answer, othersAnswering } = countAnswers(responses, carriers, carriers, isCarrier);
  if (!isDecided(counts)) return undefined;
  const [even, odd] = [0, 1].map((half) => carriers.filter((_, at) => at % 2 === half)) as [Int32Array, Int32Array];
  const halves = [
    countAnswers(responses, even, odd, isCarrier).counts,
    countAnswers(responses, odd, even, isCarrier).counts,
  ] as const;
  return { ...candidate, counts, halves, answer, othersAnswering };
}

/** The common answer of `teachers`, counted among `counted` and all that carry nothing. No row is its own teacher. */
function countAnswers(
  responses: WordVectors,
  teachers: Int32Array,
  counted: Int32Array,
  isCarrier: Uint8Array,
): { readonly counts: AnswerCounts; readonly answer: Answer; readonly othersAnswering: Int32Array } {
  const sum = sumRows(responses, teachers);
  const own = new Map<number, number>();
  for (const row of teachers) own.set(row, (productWith(responses, row, sum) - 1) / (teachers.length - 1));
  const least = ALIKE_PART * medianOf([...own.values()]);
  const likeness = (row: number) => own.get(row) ?? productWith(responses, row, sum) / teachers.length;
  const othersAnswering: number[] = [];
  let others = 0;
  for (let row = 0; row < responses.rows; row++) {
    if (isCarrier[row] === 1) continue;
    others++;
    if (likeness(row) >= least) othersAnswering.push(row);
  }
  const answering = counted.filter((row) => likeness(row) >= least).length;
  return {
    counts: { carriers: counted.length, answering, others, othersAnswering: othersAnswering.length },
    answer: { sum, teachers: teachers.length, least },
    othersAnswering: Int32Array.from(othersAnswering),
  };
}

/** Of the carriers' responses, the median share that is in words which several of the others use. */
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

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
