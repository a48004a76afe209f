import { expect, test } from 'vitest';
import { auroc, averagePrecision } from '../../bench/ranking.js';

/** Expected values are those of scikit-learn's roc_auc_score and average_precision_score, worked by hand. */
test.each([
  { title: 'no ties', scores: [0.1, 0.4, 0.35, 0.8], bad: [0, 0, 1, 1], auroc: 0.75, ap: 0.5 + (0.5 * 2) / 3 },
  { title: 'perfect', scores: [1, 2, 3, 4], bad: [0, 0, 1, 1], auroc: 1, ap: 1 },
  { title: 'reversed', scores: [4, 3, 2, 1], bad: [0, 0, 1, 1], auroc: 0, ap: 0.5 / 3 + 0.5 * 0.5 },
  { title: 'all equal', scores: [7, 7, 7, 7], bad: [0, 1, 0, 0], auroc: 0.5, ap: 0.25 },
  { title: 'a tie across classes', scores: [3, 2, 2, 1], bad: [1, 1, 0, 0], auroc: 0.875, ap: 0.5 + (0.5 * 2) / 3 },
  { title: 'a tie with several bad rows', scores: [2, 2, 2, 1, 3], bad: [1, 1, 0, 0, 0], auroc: 0.5, ap: 0.5 },
  { title: 'infinite scores', scores: [Infinity, 0, -Infinity, Infinity], bad: [1, 0, 0, 1], auroc: 1, ap: 1 },
  { title: 'no score counts as the lowest', scores: [Number.NaN, 1, 2], bad: [1, 0, 0], auroc: 0, ap: 1 / 3 },
])('ranks as scikit-learn does: $title', ({ scores, bad, ...expected }) => {
  const isBad = (row: number) => bad[row] === 1;
  expect(auroc(scores, isBad)).toBeCloseTo(expected.auroc, 12);
  expect(averagePrecision(scores, isBad)).toBeCloseTo(expected.ap, 12);
});
