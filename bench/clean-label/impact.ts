import type { ClassedRows } from '../../src/detect/spectral/scatter.js';
import { type CopyGroups, fitRidge, type GramSums, gramSums, leaveOneOutScores } from '../../src/linear/index.js';

export interface ImpactModel {
  readonly trusted: ClassedRows;
  readonly copies: CopyGroups;
  readonly classes: number;
  readonly lambda: number;
  readonly sums: GramSums;
}

/**
 * Reject on negative impact (Nelson et al. 2008) from sums that add: mean squared error of trusted rows, each left out
 * with its copies, by the ridge model of trusted rows and these together.
 */
export function lossWith(model: ImpactModel, rows: ClassedRows): number {
  const { trusted, copies, classes, lambda, sums } = model;
  const own = gramSums(rows.features, rows.labels, classes);
  const both = {
    ...sums,
    gram: sums.gram.map((sum, at) => sum + (own.gram[at] as number)),
    moments: sums.moments.map((sum, at) => sum + (own.moments[at] as number)),
  };
  const { data } = leaveOneOutScores(fitRidge(both, lambda), trusted.features, trusted.labels, copies);
  const total = data.reduce((sum, score, at) => {
    const isOwn = trusted.labels[Math.floor(at / classes)] === at % classes;
    return sum + (score - (isOwn ? 1 : 0)) ** 2;
  }, 0);
  return total / trusted.labels.length;
}
