import type { Decision, FindingKind } from '../decide/types.js';
import type { ColumnRole, Report } from '../schema/index.js';

export type { ColumnRole, Role } from '../schema/index.js';

export interface ShardRecord {
  readonly path: string;
  readonly uri: string;
  /** Null when the shard is too large to be read at all. */
  readonly sha256: string | null;
  /** Null when the shard could not be read. */
  readonly rows: number | null;
}

export interface WorstRow {
  readonly shard: string;
  readonly row: number;
  readonly suspicion: number;
  readonly suspect: boolean;
  readonly reason: string | null;
  /** Column → cell as text, at most 200 characters each, control characters not yet escaped. */
  readonly values: ReadonlyMap<string, string>;
  /** Image column → its picture; the pixels are not among `values`. */
  readonly images: ReadonlyMap<string, RowImage>;
  /** The trusted row of the same label that is most like this one; null where none was looked up. */
  readonly neighbour: {
    readonly values: ReadonlyMap<string, string>;
    readonly images: ReadonlyMap<string, RowImage>;
  } | null;
}

/** Row by row from the top left; colours of a pixel side by side, red first. */
export interface RowImage {
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  /** height × width × channels. */
  readonly pixels: Uint8Array;
}

/** What a person can see of all rows at once; only report.html shows it. */
export interface Picture {
  /** Per detector: histogram of anomaly scores (0..1) over equal bins; counts of batch rows and of trusted rows. */
  readonly distributions: readonly {
    readonly kind: FindingKind;
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
  /** Null when no sample of scores was kept. */
  readonly picture: Picture | null;
  /** True when the user has asked to leave values of rows out of everything. */
  readonly redacted: boolean;
  readonly baseline: Report['baseline'];
  readonly policy: Report['policy'];
  readonly contract: Report['contract'];
  readonly backend: string;
  readonly version: string;
}
