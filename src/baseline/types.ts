import type { Table } from 'apache-arrow';
import type { Calibration, Effect, Strata, Tally } from '../detect/index.js';
import type { ColumnRole, Encoder, GivenProbabilities, Signatures, Signer } from '../encode/index.js';
import type { FindingKind, ModelUsed } from '../schema/index.js';

/** The trusted rows as read. */
export interface TrustedTable {
  readonly table: Table;
  /** The models that added columns. */
  readonly models?: readonly ModelUsed[];
  /** Row → file it came from. */
  readonly fileOf: Int32Array;
  readonly sha256: string;
  /** For messages. */
  readonly path: string;
}

/** A block held out: its rows' sums, and the other trusted rows to compare them with. */
export interface HeldOutBlock {
  readonly tally: Tally;
  readonly calibration: Calibration;
}

/** A detector fitted on trusted rows, with what its scores of them look like. Plain data. */
export interface FittedDetector {
  readonly kind: FindingKind;
  readonly model: unknown;
  readonly strata: Strata;
  /** On one row of each group of equal ones; where there are copies, also on all rows. */
  readonly calibrations: readonly Calibration[];
  readonly effect: Effect | null;
  /** Empty with fewer than five blocks. */
  readonly blocks: readonly HeldOutBlock[];
}

/** Everything that scoring a shard and deciding on it needs to know of the trusted rows. Plain data. */
export interface Baseline {
  readonly columns: readonly ColumnRole[];
  /** Label values in the order of their class index; empty without a label column. */
  readonly classes: readonly string[];
  readonly encoder: Encoder;
  /** The user's models that added columns. */
  readonly models: readonly ModelUsed[];
  /** The probabilities that labels are judged by; null where a model of Taster's own judges them. */
  readonly given: GivenProbabilities | null;
  readonly detectors: readonly FittedDetector[];
  readonly signer: Signer;
  /** Every trusted row, for counting what rows have in common. */
  readonly signed: { readonly signatures: Signatures; readonly labels: Int32Array };
  readonly rows: number;
  readonly distinctRows: number;
  readonly blocks: number;
  /** Of the trusted files, in order. */
  readonly sha256: string;
  /** What the user should know of the fit. */
  readonly notes: readonly string[];
}
