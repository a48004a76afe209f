import type { Baseline } from '../baseline/index.js';
import type { RankSums, Tally, UnhashedItems } from '../detect/index.js';
import type { NamedColumns, Signatures } from '../encode/index.js';
import type { IntakeLimits } from '../intake/index.js';
import type { Models } from '../model/index.js';
import type { InstructionTable } from './instruction-files.js';
import type { KeptRows } from './kept-rows.js';
import type { SpectralSample } from './spectral-sample.js';

/** Parts of assessing a shard; model, and then features, detect, sign, judge and items, take turns for each chunk of rows. */
export type Phase = 'hash' | 'parse' | 'model' | 'check' | 'features' | 'detect' | 'sign' | 'judge' | 'items';

/** What shards are assessed by. */
export interface Assessor {
  readonly baseline: Baseline;
  readonly columns: NamedColumns;
  /** Add their columns before a shard is judged. */
  readonly models?: Models;
  /** What reading a shard may cost; the defaults where left out. */
  readonly limits?: IntakeLimits;
  /** Called as each part of the work begins, `detect` with the detector: a sign of life, and where the time goes. */
  readonly onPhase?: (phase: Phase, detector?: string) => void;
}

/** Why a shard, or part of it, could not be judged or breaks the schema. */
export interface ShardFault {
  readonly kind: 'integrity' | 'provenance' | 'schema';
  /** A sentence about the shard, without its name and full stop. */
  readonly summary: string;
  readonly numbers: Readonly<Record<string, number | string>>;
  /** The same without a cell of any row; left out where neither tells one. */
  readonly withoutCells?: Pick<ShardFault, 'summary' | 'numbers'>;
  /** False for advice that keeps nothing back. */
  readonly holds: boolean;
  /** True where it keeps the other shards of the batch back as well. */
  readonly holdsBatch?: boolean;
}

/** What one detector says of each row. */
export interface DetectorRows {
  readonly kind: string;
  /** 0..1, higher is worse; NaN where not judged. */
  readonly anomalyScore: Float64Array;
  /** Conformal; NaN where not judged. */
  readonly pValue: Float64Array;
  /** Class index; empty for detectors that do not classify. */
  readonly calledClass: Int32Array;
  /** Level of the log ratio; empty for detectors without one. */
  readonly ratioLevel: Int8Array;
}

/** What is known of each row of a shard; kept on disk until rows are marked, so that memory does not grow with them. */
export interface ShardRows {
  /** In the order of the baseline's detectors; empty when the shard could not be judged. */
  readonly detectors: readonly DetectorRows[];
  /** Row → class index, −1 for none. */
  readonly labels: Int32Array;
  /** Row → index into the shard's sources, −1 for none. */
  readonly sourceOf: Int32Array;
  /** What copies of a row share. */
  readonly signatures: Signatures;
  /** Row → which baseline judged it, 1 for the twin; empty where there is no twin. */
  readonly judgeOf: Uint8Array;
  /** On the baseline's map: x and y in turn, two a row; empty where there is no map. */
  readonly places: Float32Array;
}

/** Everything the decision needs to know of one shard: sums, whatever its number of rows. Plain data. */
export interface ShardAssessment {
  /** Path within the batch. */
  readonly path: string;
  /** Null when it is too large to be read at all. */
  readonly sha256: string | null;
  /** Null when the shard could not be read. */
  readonly rows: number | null;
  /** Digest of its columns' names and types; undefined when the shard could not be read. */
  readonly schema?: string;
  readonly faults: readonly ShardFault[];
  /** False when its rows were not scored. */
  readonly isJudged: boolean;
  /** Source names in this shard; empty without a source column. */
  readonly sources: readonly string[];
  /** Sums per source (one entry, index −1, for rows without), per detector. */
  readonly tallies: readonly {
    readonly source: number;
    readonly rows: number;
    readonly perDetector: readonly Tally[];
  }[];
  /** Where its rows lie; left out where the baseline does not ask. */
  readonly ranks?: RankSums;
  /** Names of all its columns; empty when the shard could not be read. */
  readonly columns: readonly string[];
  /** Columns that no stage has a use for. */
  readonly unusedColumns: readonly string[];
}

export interface AssessedShard {
  readonly assessment: ShardAssessment;
  readonly rows: ShardRows;
  /** What the rows carry; null where nothing is counted. */
  readonly items: UnhashedItems | null;
  /** Null where the baseline has no directions to lay rows along, or they were not judged. */
  readonly spectral?: SpectralSample | null;
  /** Left out where they are large, or were not judged. */
  readonly oddest?: KeptRows | undefined;
  /** Null where the rows are no instructions, or were not judged. */
  readonly instructions?: InstructionTable | null;
}
