import type { Decision, FindingKind } from '../decide/types.js';
import type { RowContent } from '../encode/index.js';
import type { SplitSummary } from '../mark/index.js';
import type { ColumnRole, Report } from '../schema/index.js';

export type { RowImage } from '../encode/index.js';
export type { ColumnRole, Role } from '../schema/index.js';

export interface ShardRecord {
  readonly path: string;
  readonly uri: string;
  /** Null when the shard is too large to be read at all. */
  readonly sha256: string | null;
  /** Null when the shard could not be read. */
  readonly rows: number | null;
}

export interface WorstRow extends RowContent {
  readonly shard: string;
  readonly row: number;
  readonly suspicion: number;
  readonly suspect: boolean;
  readonly reason: string | null;
  /** The trusted row of the same label that is most like this one, of those kept for it; null where none was looked up. */
  readonly neighbour: Neighbour | null;
  /** The same of the label that a model gives the row; null where that is the one it carries. */
  readonly lookalike: Neighbour | null;
}

export interface Neighbour extends RowContent {
  /** Null where there are no labels. */
  readonly label: string | null;
  /** False where labels exist and no trusted row of the same one was kept: then it is of any. */
  readonly sharesLabel: boolean;
  /** Columns of times, and of numbers in which the two differ by no more than one standard deviation of trusted rows. */
  readonly alike: ReadonlySet<string>;
}

/** What a person can see of all rows at once; only report.html shows it. */
export interface Picture {
  /**
   * Per detector: histogram over equal bins of the log odds of anomaly scores, log(s / (1 − s)), from `from` to `to`;
   * counts of judged batch rows and of distinct trusted rows. The bins at the ends hold what lies beyond.
   */
  readonly distributions: readonly {
    readonly kind: FindingKind;
    readonly from: number;
    readonly to: number;
    readonly batch: readonly number[];
    readonly trusted: readonly number[];
  }[];
  /** A sample of rows on the two main directions of the trusted rows' features; null where there are no features to draw. */
  readonly map: {
    readonly points: readonly MapPoint[];
    /** Of the whole batch and baseline, not of the sample. */
    readonly batchRows: number;
    readonly trustedRows: number;
  } | null;
}

export interface MapPoint {
  readonly x: number;
  readonly y: number;
  /** Path within the batch; null: a trusted row. */
  readonly shard: string | null;
  readonly row: number;
  readonly label: string | null;
  readonly suspicion: number;
  readonly suspect: boolean;
}

/** Everything a scan has to tell; what the report files and the terminal are made from. */
export interface ScanOutcome {
  /** The batch's name: last path segment. */
  readonly batch: string;
  readonly decision: Decision;
  readonly shards: readonly ShardRecord[];
  readonly columns: readonly ColumnRole[];
  /** What the user should know and nothing else says: ignored columns, guessed roles, what was not checked. */
  readonly notes: readonly string[];
  /** The ten rows of highest suspicion. */
  readonly worstRows: readonly WorstRow[];
  /** How many rows rows.arrow marks to be left out of training. */
  readonly withheldRows: number;
  /** Null when no sample of scores was kept. */
  readonly picture: Picture | null;
  /** True when the user has asked to leave values of rows out of everything. */
  readonly redacted: boolean;
  readonly baseline: Report['baseline'];
  readonly policy: Report['policy'];
  readonly contract: Report['contract'];
  readonly provenance: Report['provenance'];
  readonly ledger: Report['ledger'];
  readonly backend: string;
  readonly version: string;
  /** Where held shards were written in two parts, if they were; not for report.json, which tells no place of this machine. */
  readonly split?: SplitSummary;
}
