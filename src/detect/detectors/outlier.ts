import {
  type CharacterRows,
  type InvertedIndex,
  indexRows,
  type UnitWeights,
  unitWeighted,
} from '../../encode/index.js';
import { Bug } from '../../errors.js';
import {
  type CopyGroups,
  fitLeverageModel,
  fitLeverages,
  type LeverageModel,
  leftColumns,
  leverages,
} from '../../linear/index.js';
import { type CharacterModel, fitCharacters, scoreCharacters } from '../character-model.js';
import type { Detector, EncodedRows, Fitted, RowEvidence, TrustedRows, Unvouched } from '../contract.js';
import { textDistances } from '../nearest-texts.js';
import { fitNeighbours, type NeighbourModel, scoreNeighbours } from '../subspace-neighbours.js';

export interface OutlierModel {
  /** Over dense features; null where there are none. */
  readonly dense: DenseModel | null;
  /** Distance to the nearest texts; null where there is no text. */
  readonly texts: { readonly references: InvertedIndex; readonly scale: TailScale } | null;
  /** How characters follow one another; null where there is no text. */
  readonly characters: { readonly model: CharacterModel; readonly scale: TailScale } | null;
}

/**
 * Leverage over trusted rows. Where nobody vouches for the rows a few outliers would own the leverages, and distances
 * from neighbours in random subspaces stand in their place.
 */
type DenseModel = { readonly scale: TailScale } & (
  | {
      readonly leverage: LeverageModel;
      /** That it was fitted on: the fewer, the greater are all leverages. */
      readonly rows: number;
    }
  | { readonly neighbours: NeighbourModel; readonly unitWeights: UnitWeights }
);

/** What is usual of a raw score: its ninth decile and how far the scores beyond it lie from it on average. */
interface TailScale {
  readonly decile: number;
  readonly meanExcess: number;
}

/** λ as a share of the trusted rows. */
const LAMBDA = 1e-3;
const MAX_REFERENCES = 4000;
const DECILE = 0.9;
const LEAST_SCORE = 1e-9;

/** Rows out of the ordinary: by their dense features, by distance to the nearest texts, by their spelling, or by any. */
export const outlier: Detector<OutlierModel> = {
  kind: 'outlier',
  claim: 'are out of the ordinary',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  perClass: false,
  boundsSupport: true,
  fit,
  refit,
  evaluate,
};

function fit(trusted: TrustedRows): Fitted<OutlierModel> | undefined {
  if (trusted.denseDims === 0 && trusted.texts === null) return undefined;
  const dense = trusted.denseDims === 0 ? null : fitDense(trusted);
  const firsts = firstOfEachGroup(trusted.copies);
  const texts = trusted.texts === null ? null : fitTexts(trusted, trusted.texts, firsts);
  const characters = trusted.characters === null ? null : fitSpelling(trusted, trusted.characters, firsts);
  return {
    model: { dense: dense?.model ?? null, texts: texts?.model ?? null, characters: characters?.model ?? null },
    evidence: worstOf(
      trusted.rows,
      [dense, texts, characters].flatMap((part) => (part === null ? [] : [{ raw: part.raw, scale: part.model.scale }])),
    ),
  };
}

/** What is usual of a score stays. */
function refit(trusted: TrustedRows, { dense, texts, characters }: OutlierModel): OutlierModel {
  const firsts = firstOfEachGroup(trusted.copies);
  return {
    dense: dense && { ...refitDense(trusted, dense), scale: dense.scale },
    texts: texts && trusted.texts && { references: indexRows(trusted.texts, referencesIn(firsts)), scale: texts.scale },
    characters: characters &&
      trusted.characters && {
        model: fitCharacters(trusted.characters, trusted.copies.groupOf, firsts).model,
        scale: characters.scale,
      },
  };
}

/** @throws Bug for rows that nobody vouches for: they are judged among themselves, and by no others */
function refitDense(trusted: TrustedRows, dense: DenseModel) {
  if (!('leverage' in dense)) throw new Bug('rows that nobody vouches for are fitted once');
  const { rows } = trusted;
  const features = leftColumns(trusted.features, trusted.denseDims);
  return { leverage: fitLeverageModel(features, LAMBDA * rows, trusted.copies.sizes.length), rows };
}

function fitDense(trusted: TrustedRows): { model: DenseModel; raw: Float64Array } {
  if (trusted.unvouched !== undefined) return fitAmongThemselves(trusted, trusted.unvouched);
  const { rows } = trusted;
  const features = leftColumns(trusted.features, trusted.denseDims);
  const { model: leverage, own } = fitLeverages(features, LAMBDA * rows, trusted);
  const raw = own.map((h) => logOf(h * rows));
  return { model: { leverage, rows, scale: fitScale(raw) }, raw };
}

function fitAmongThemselves({ features, copies }: TrustedRows, { unitWeights, seed }: Unvouched) {
  const rows = unitWeighted(unitWeights, features);
  const neighbours = fitNeighbours(rows, seed);
  const isOwn = (row: number, fitted: number) => copies.groupOf[row] === copies.groupOf[fitted];
  // Rows that have no reference but their own copies are left with none, and count as usual.
  const raw = scoreNeighbours(neighbours, rows, isOwn).map((distance) => logOf(Number.isNaN(distance) ? 1 : distance));
  return { model: { neighbours, unitWeights, scale: fitScale(raw) }, raw };
}

function fitTexts({ copies }: TrustedRows, texts: NonNullable<TrustedRows['texts']>, firsts: Int32Array) {
  const chosen = referencesIn(firsts);
  const references = indexRows(texts, chosen);
  const groupOfReference = Int32Array.from(chosen, (row) => copies.groupOf[row] as number);
  const raw = textDistances(references, texts, (row, reference) => copies.groupOf[row] === groupOfReference[reference]);
  return { model: { references, scale: fitScale(raw) }, raw };
}

function referencesIn(firsts: Int32Array): Int32Array {
  return firsts.subarray(0, MAX_REFERENCES);
}

function fitSpelling({ copies }: TrustedRows, rows: CharacterRows, firsts: Int32Array) {
  const { model, raw } = fitCharacters(rows, copies.groupOf, firsts);
  return { model: { model, scale: fitScale(raw) }, raw };
}

function evaluate({ dense, texts, characters }: OutlierModel, rows: EncodedRows): RowEvidence {
  const parts: Part[] = [];
  if (dense !== null) parts.push({ raw: scoreDense(dense, rows), scale: dense.scale });
  if (texts !== null && rows.texts !== null) {
    parts.push({ raw: textDistances(texts.references, rows.texts, () => false), scale: texts.scale });
  }
  if (characters !== null && rows.characters !== null) {
    parts.push({ raw: scoreCharacters(characters.model, rows.characters), scale: characters.scale });
  }
  return worstOf(rows.rows, parts);
}

function scoreDense(model: DenseModel, { features, denseDims }: EncodedRows): Float64Array {
  if ('leverage' in model) {
    const { leverage, rows } = model;
    return leverages(leverage, leftColumns(features, denseDims)).map((h) => logOf(h * rows));
  }
  return scoreNeighbours(model.neighbours, unitWeighted(model.unitWeights, features)).map(logOf);
}

interface Part {
  readonly raw: Float64Array;
  readonly scale: TailScale;
}

/** Each row's worst part, the parts made comparable by their tails; mapped into 0..1 in order. */
function worstOf(rows: number, parts: readonly Part[]): RowEvidence {
  const anomalyScore = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let worst = -Infinity;
    for (const { raw, scale } of parts) {
      worst = Math.max(worst, ((raw[row] as number) - scale.decile) / scale.meanExcess);
    }
    // A row whose numbers overflow is as odd as a row can be.
    anomalyScore[row] = Number.isFinite(worst) ? (1 + worst / (1 + Math.abs(worst))) / 2 : 1;
  }
  return { anomalyScore };
}

function logOf(score: number): number {
  return Math.log(Math.max(score, LEAST_SCORE));
}

function fitScale(raw: Float64Array): TailScale {
  const sorted = Float64Array.from(raw).sort();
  const from = Math.floor(DECILE * sorted.length);
  const decile = sorted[from] as number;
  const beyond = sorted.subarray(from);
  const meanExcess = beyond.reduce((sum, value) => sum + value - decile, 0) / beyond.length;
  return { decile, meanExcess: meanExcess || 1 };
}

function firstOfEachGroup(copies: CopyGroups): Int32Array {
  const first = new Int32Array(copies.sizes.length).fill(-1);
  copies.groupOf.forEach((group, row) => {
    if (first[group] === -1) first[group] = row;
  });
  return first;
}
