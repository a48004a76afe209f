import { beforeAll, describe, expect, it } from 'vitest';
import { logLoss } from '../../src/detect/class-probabilities.js';
import { fitStack, stackScores } from '../../src/detect/stacked-scores.js';
import { type Matrix, normals, seededRandom, startBackend } from '../../src/linear/index.js';

const ROWS = 4000;
const CLASSES = 10;

beforeAll(async () => {
  await startBackend('wasm');
});

/** As digests are: no two alike, no pattern. */
function digestsOf(seed: string, rows: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: rows }, () => Math.floor(random() * 2 ** 32));
}

function sample(seed: string, signal: number): { inputs: Matrix; labels: Int32Array } {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: ROWS }, () => Math.floor(random() * CLASSES));
  const data = normals(random, ROWS * CLASSES);
  labels.forEach((label, row) => {
    data[row * CLASSES + label] = (data[row * CLASSES + label] as number) + signal;
  });
  return { inputs: { rows: ROWS, cols: CLASSES, data }, labels };
}

describe('fitStack', () => {
  it('says nothing of a row whose inputs say nothing: no row vouches for its own label', () => {
    const { inputs, labels } = sample('noise', 0);
    const { scores } = fitStack(inputs, { labels, digests: digestsOf('a', ROWS) });
    expect(logLoss(scores, labels) / ROWS).toBeGreaterThan(Math.log(CLASSES));
  });

  it('nor do its copies', () => {
    const { inputs, labels } = sample('copies', 0);
    const twice = Int32Array.from({ length: 2 * ROWS }, (_, row) => row % ROWS);
    const copied: Matrix = { rows: 2 * ROWS, cols: CLASSES, data: Float32Array.of(...inputs.data, ...inputs.data) };
    const ofOne = digestsOf('copies', ROWS);
    const digests = Float64Array.from(twice, (row) => ofOne[row] as number);
    const both = Int32Array.from(twice, (row) => labels[row] as number);
    const { scores } = fitStack(copied, { labels: both, digests });
    expect(logLoss(scores, both) / (2 * ROWS)).toBeGreaterThan(Math.log(CLASSES));
  });

  it('leaves scores as they are where they tell nothing', () => {
    const { inputs, labels } = sample('faint', 0);
    const faint = { ...inputs, data: inputs.data.map((score) => score / 1000) };
    expect(fitStack(faint, { labels, digests: digestsOf('a', ROWS) })).toEqual({ stack: null, scores: faint });
  });

  it('makes up for a class whose scores are too high', () => {
    const { inputs, labels } = sample('high', 3);
    const data = inputs.data.map((score, at) => (at % CLASSES === 0 ? score + 4 : score));
    const { scores } = fitStack({ ...inputs, data }, { labels, digests: digestsOf('a', ROWS) });
    expect(logLoss(scores, labels)).toBeLessThan(1.02 * logLoss(inputs, labels));
    expect(logLoss({ ...inputs, data }, labels)).toBeGreaterThan(1.2 * logLoss(inputs, labels));
  });

  it('scores other rows of the same kind as probable as those that it has seen', () => {
    const seen = sample('seen', 3);
    const other = sample('other', 3);
    const { stack, scores } = fitStack(seen.inputs, { labels: seen.labels, digests: digestsOf('a', ROWS) });
    const ofOther = logLoss(stackScores(stack, other.inputs), other.labels);
    expect(Math.abs(ofOther / logLoss(scores, seen.labels) - 1)).toBeLessThan(0.15);
  });
});
