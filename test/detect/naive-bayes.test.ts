import { describe, expect, it } from 'vitest';
import { groupCopies } from '../../src/baseline/copies.js';
import { logLoss, oddsOfOthers } from '../../src/detect/class-probabilities.js';
import { fitNaiveBayes, hearNaiveBayes } from '../../src/detect/naive-bayes.js';
import { rowDigests } from '../../src/encode/index.js';
import { encodeText, fitText } from '../../src/encode/text.js';
import { seededRandom } from '../../src/linear/index.js';
import { strings, tableOf } from '../encode/tables.js';
import { auroc } from './auroc.js';
import { CLASSES, type Population, pickRows, textRows } from './populations.js';

function prepare({ table, labels }: Population) {
  const digests = rowDigests(table, ['text']);
  const { copies, distinct } = groupCopies(digests);
  const encoder = fitText(table, ['text'], distinct);
  return { texts: encodeText(encoder, table), labels, classes: CLASSES, copies, encoder };
}

function withRandomLabels(population: Population, seed: string): Population {
  const random = seededRandom(seed);
  return { ...population, labels: population.labels.map(() => Math.floor(random() * CLASSES)) };
}

const meanLoss = (scores: ReturnType<typeof hearNaiveBayes>, labels: Int32Array) =>
  logLoss(scores, labels) / labels.length;

describe('fitNaiveBayes', () => {
  it('tells flipped labels from others, of texts that it was fitted on and of new ones', () => {
    const random = seededRandom('flips');
    const flip = ({ table, labels }: Population) => {
      const isFlipped = Array.from(labels, () => random() < 0.05);
      return { table, labels: labels.map((label, row) => (isFlipped[row] ? (label + 1) % CLASSES : label)), isFlipped };
    };
    const [fitted, fresh] = [flip(textRows(600, 'fitted')), flip(textRows(600, 'fresh'))];
    const rows = prepare(fitted);
    const { model, scores } = fitNaiveBayes(rows);
    const others = hearNaiveBayes(model, encodeText(rows.encoder, fresh.table), CLASSES);
    for (const [said, { labels, isFlipped }] of [[scores, fitted] as const, [others, fresh] as const]) {
      const doubts = Array.from(labels, (label, row) => oddsOfOthers(label, said, row));
      expect(auroc(doubts, (row) => isFlipped[row] === true)).toBeGreaterThan(0.97);
    }
    // Neither kind of rows is judged by a model that knows more of it.
    expect(Math.abs(meanLoss(scores, fitted.labels) - meanLoss(others, fresh.labels))).toBeLessThan(0.1);
  });

  it.each([
    ['no text vouches for its own label', 1],
    ['nor do its copies', 3],
  ])('says nothing where labels follow from nothing: %s', (_, times) => {
    const once = withRandomLabels(textRows(300, 'noise'), 'labels');
    const rows = Array.from({ length: 300 * times }, (__, row) => row % 300);
    const all = prepare(pickRows(once, rows));
    expect(meanLoss(fitNaiveBayes(all).scores, all.labels)).toBeGreaterThan(0.99 * Math.log(CLASSES));
  });

  it('nor do copies that have every other label as well', () => {
    const once = textRows(300, 'disputed');
    const all = pickRows(
      once,
      Array.from({ length: 600 }, (_, row) => row % 300),
    );
    const labels = all.labels.map((label, row) => (row < 300 ? label : (label + 1) % CLASSES));
    const { scores } = fitNaiveBayes(prepare({ ...all, labels }));
    for (let row = 0; row < 300; row++) {
      const [first, second] = [row, row + 300].map((at) => [...scores.data.subarray(at * CLASSES, (at + 1) * CLASSES)]);
      expect(second).toEqual(first);
    }
  });

  it('counts copies once: what is sent a hundred times says no more', () => {
    const once = textRows(200, 'copied');
    const often = pickRows(
      once,
      Array.from({ length: 400 }, (_, row) => (row < 200 ? row : 0)),
    );
    const [one, other] = [fitNaiveBayes(prepare(once)).model, fitNaiveBayes(prepare(often)).model];
    expect(other.classes).toEqual(one.classes);
    expect(other.weights).toEqual(one.weights);
  });

  it('does not mind the order of texts', () => {
    const population = textRows(200, 'order');
    const turned = pickRows(population, [...Array(200).keys()].reverse());
    const [one, other] = [fitNaiveBayes(prepare(population)), fitNaiveBayes(prepare(turned))];
    expect(other.model.weights).toEqual(one.model.weights);
    expect(other.model.classes).toEqual(one.model.classes);
    expect(other.model.temperature).toBeCloseTo(one.model.temperature, 6);
  });

  it('has nothing to say of a text without words, nor of one that is like none', () => {
    const rows = prepare(textRows(200, 'some'));
    const { model } = fitNaiveBayes(rows);
    const strange = tableOf({ text: strings(['', null, 'qqqqq zzzzz']) });
    expect(new Set(hearNaiveBayes(model, encodeText(rows.encoder, strange), CLASSES).data)).toEqual(new Set([0]));
  });

  it('takes rows without a label for what they are', () => {
    const population = textRows(200, 'unlabelled');
    const labels = population.labels.map((label, row) => (row % 4 === 0 ? -1 : label));
    const { scores } = fitNaiveBayes(prepare({ ...population, labels }));
    expect(scores.data.every(Number.isFinite)).toBe(true);
    const hidden = [...population.labels.keys()].filter((row) => row % 4 === 0);
    const isOwn = (row: number) => {
      const own = scores.data.subarray(row * CLASSES, (row + 1) * CLASSES);
      return own.indexOf(Math.max(...own)) === population.labels[row];
    };
    expect(hidden.filter(isOwn).length).toBeGreaterThan(0.8 * hidden.length);
  });
});
