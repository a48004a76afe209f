import type { EncodedRows, UnitWeights } from '../encode/index.js';
import type { CopyGroups, Matrix, Rows } from '../linear/index.js';
import type { FindingKind } from '../schema/index.js';

export type { EncodedRows };

/** Encoded rows with the class of each: an index into the baseline's classes, −1 where there is none. */
export interface LabelledRows<Features extends Rows = Rows> extends EncodedRows<Features> {
  readonly labels: Int32Array;
  /** Log probabilities that the user's own model gives, rows × classes; NaN in rows that have none. */
  readonly givenScores?: Matrix;
}

/** Rows that models are fitted on. */
export interface TrustedRows extends LabelledRows<Matrix> {
  /** Number of classes; 0 without a label column. */
  readonly classes: number;
  readonly copies: CopyGroups;
  /** By row: whole numbers below 2⁵³, equal for copies alone. */
  readonly digests: Float64Array;
  /** Given where nobody vouches for the rows: they come from the very batch that they help to judge. */
  readonly unvouched?: Unvouched;
}

/** How rows that may be poisoned themselves are compared with one another. */
export interface Unvouched {
  readonly unitWeights: UnitWeights;
  readonly seed: string;
}

/** What a detector says of each row. */
export interface RowEvidence {
  /** 0..1, higher is worse; NaN where the row cannot be judged. */
  readonly anomalyScore: Float64Array;
  /** Log likelihood ratio of poisoned against clean, for detectors that have a model of poison. */
  readonly logRatio?: Float64Array;
  /** Class the model would give the row, for detectors that classify. */
  readonly calledClass?: Int32Array;
}

/** How much the mean log ratio rises when rows are poisoned uniformly. */
export interface Effect {
  readonly overall: number;
  /** Per given class: of rows that were flipped to it. */
  readonly byClass: Float64Array;
}

export interface Fitted<Model> {
  readonly model: Model;
  /** Of the trusted rows, none of them scored by a model that has seen it or its copies. */
  readonly evidence: RowEvidence;
  readonly effect?: Effect;
}

/**
 * A row detector. Models are plain data, so that they can be stored and sent to other processes; a row's evidence
 * never depends on the rows it travels with.
 */
export interface Detector<Model> {
  readonly kind: FindingKind;
  /** What a finding of this kind says of its rows, e.g. "labels contradict their features". */
  readonly claim: string;
  /** MITRE ATLAS, OWASP and NIST identifiers. */
  readonly references: readonly string[];
  /** True when rows are compared with trusted rows of the same given label. */
  readonly perClass: boolean;
  /** True when a score beyond every trusted one means that the row lies where no model of trusted rows can judge. */
  readonly boundsSupport: boolean;
  /** Fits on trusted rows; undefined when they do not allow it. */
  fit(trusted: TrustedRows): Fitted<Model> | undefined;
  /** The same on some of the trusted rows that `model` was fitted on: its choices hold, and the rows are not judged. */
  refit(trusted: TrustedRows, model: Model): Model;
  evaluate(model: Model, rows: LabelledRows): RowEvidence;
}
