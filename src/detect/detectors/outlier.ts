import { type InvertedIndex, indexRows, type SparseRows, similaritiesOf } from '../../encode/index.js';
import {
  type CopyGroups,
  fitRidge,
  gramSums,
  leaveOneOutLeverage,
  type Matrix,
  quadraticForms,
} from '../../linear/index.js';
import type { Detector, Fitted, LabelledRows, RowEvidence, TrustedRows } from '../contract.js';

export interface OutlierModel {
  /** (ZᵀZ + λI)⁻¹, dims × dims; null where rows are text only. */
  readonly inverseGram: Matrix | null;
  /** Reference texts; null where there is no text. */
  readonly references: InvertedIndex | null;
}

/** λ as a share of the trusted rows. */
const LAMBDA = 1e-3;
const NEIGHBOURS = 5;
const MAX_REFERENCES = 4000;

/** Rows unlike any trusted row: leverage over dense features, distance to the nearest texts for text. */
export const outlier: Detector<OutlierModel> = {
  kind: 'outlier',
  claim: 'are unlike any trusted row',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  perClass: false,
  fit,
  evaluate,
};

function fit(trusted: TrustedRows): Fitted<OutlierModel> {
  if (trusted.texts === null) {
    const sums = gramSums(trusted.features, trusted.labels, 0);
    const { inverse } = fitRidge(sums, LAMBDA * trusted.rows);
    const leverage = leaveOneOutLeverage(trusted.features, inverse, trusted.copies);
    return { model: { inverseGram: inverse, references: null }, evidence: { anomalyScore: leverage.map(toScore) } };
  }
  const chosen = firstOfEachGroup(trusted.copies).subarray(0, MAX_REFERENCES);
  const references = indexRows(trusted.texts, chosen);
  const own = Int32Array.from(chosen, (row) => trusted.copies.groupOf[row] as number);
  const anomalyScore = textDistances(
    references,
    trusted.texts,
    (row, reference) => trusted.copies.groupOf[row] === own[reference],
  );
  return { model: { inverseGram: null, references }, evidence: { anomalyScore } };
}

function evaluate(model: OutlierModel, rows: LabelledRows): RowEvidence {
  if (model.references !== null && rows.texts !== null) {
    return { anomalyScore: textDistances(model.references, rows.texts, () => false) };
  }
  if (model.inverseGram === null) return { anomalyScore: new Float64Array(rows.rows).fill(Number.NaN) };
  const leverage = quadraticForms(rows.features, model.inverseGram).data;
  return { anomalyScore: Float64Array.from(leverage, toScore) };
}

function toScore(leverage: number): number {
  return leverage / (1 + leverage);
}

function firstOfEachGroup(copies: CopyGroups): Int32Array {
  const first = new Int32Array(copies.sizes.length).fill(-1);
  copies.groupOf.forEach((group, row) => {
    if (first[group] === -1) first[group] = row;
  });
  return first;
}

/** 1 − mean similarity of the five nearest references that are not the row's own copies. */
function textDistances(
  index: InvertedIndex,
  rows: SparseRows,
  isOwn: (row: number, reference: number) => boolean,
): Float64Array {
  const similarities = new Float32Array(index.references);
  const nearest = new Float64Array(NEIGHBOURS);
  const distances = new Float64Array(rows.rows);
  for (let row = 0; row < rows.rows; row++) {
    similaritiesOf(index, rows, row, similarities);
    nearest.fill(0);
    for (let r = 0; r < similarities.length; r++) {
      const similarity = similarities[r] as number;
      if (similarity <= (nearest[0] as number) || isOwn(row, r)) continue;
      insertAscending(nearest, similarity);
    }
    distances[row] = 1 - nearest.reduce((sum, value) => sum + value, 0) / NEIGHBOURS;
  }
  return distances;
}

/** Drops the least value and puts `value` in its place in order. */
function insertAscending(values: Float64Array, value: number): void {
  let at = 0;
  while (at + 1 < values.length && (values[at + 1] as number) < value) {
    values[at] = values[at + 1] as number;
    at++;
  }
  values[at] = value;
}
