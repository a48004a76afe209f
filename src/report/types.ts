import type { Decision } from '../decide/types.js';
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
  readonly baseline: Report['baseline'];
  readonly policy: Report['policy'];
  readonly contract: Report['contract'];
  readonly backend: string;
  readonly version: string;
}
