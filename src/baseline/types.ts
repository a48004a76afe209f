import type { Table } from 'apache-arrow';
import type {
  Calibration,
  Covariates,
  Effect,
  Jury,
  SpectralModel,
  Strata,
  Suspects,
  Tally,
  TrustedItems,
} from '../detect/index.js';
import type { ColumnRole, Encoder, GivenProbabilities, Signatures, Signer } from '../encode/index.js';
import type { FindingKind, ModelUsed } from '../schema/index.js';
import type { Exemplars } from './exemplars.js';
import type { TrustedMap } from './map.js';

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
  /** Scores, ascending, that rows of every class are ranked among; without it those of the row's stratum. */
  readonly ranks?: Float64Array;
  /** Empty with fewer than five blocks. */
  readonly blocks: readonly HeldOutBlock[];
}

/** Everything that scoring a shard, deciding on it and picturing it needs to know of the trusted rows. Plain data. */
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
  /** What trusted rows carry; null where no triggers are looked for. */
  readonly items: TrustedItems | null;
  /** What rows of each class have in common; null where it is not compared. */
  readonly spectral: SpectralModel | null;
  /** Where trusted rows lie; null where blocks tell how much batches differ, and where rows do not. */
  readonly covariates: Covariates | null;
  /** Null where the trusted rows have no features in which they differ. */
  readonly map: TrustedMap | null;
  /** Null where none were asked for: they are rows as they are. */
  readonly exemplars: Exemplars | null;
  readonly rows: number;
  readonly distinctRows: number;
  readonly blocks: number;
  /** Of the trusted files, in order. */
  readonly sha256: string;
  /** What the user should know of the fit. */
  readonly notes: readonly string[];
  /**
   * Given where nobody vouches for the rows and a batch judges itself: this baseline, fitted on one half of the rows,
   * judges the other half, and its twin the first. Both have the same classes and strata.
   */
  readonly twin?: Baseline;
  /** Gives the class scores that labels of such a batch are judged by, whichever of the two judges the row. */
  readonly jury?: Jury;
  /** Items of such a batch that look like triggers; left out where none were looked for. */
  readonly suspects?: Suspects;
}
