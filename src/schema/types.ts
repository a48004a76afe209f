/* Written by `npm run types` from schemas/: change the schema, not this file. */

/**
 * What enforce mode does.
 */
export type Verdict = 'release' | 'quarantine';
export type Mode = 'observe' | 'enforce';
export type FindingKind =
  | 'integrity'
  | 'provenance'
  | 'schema'
  | 'label-flip'
  | 'outlier'
  | 'duplicate-flood'
  | 'trigger'
  | 'spectral'
  | 'impact'
  | 'slow-drip'
  | 'drift';
export type FindingScope = 'batch' | 'remainder' | 'shard' | 'shard-class' | 'source' | 'class-pair';
/**
 * What a column is for.
 */
export type Role = 'label' | 'feature' | 'text' | 'image' | 'embedding' | 'source' | 'group' | 'id' | 'ignore';

/**
 * How strictly a batch is judged. A setting left out takes its default.
 */
export interface PolicyFile {
  /**
   * Where an editor finds this schema; not read by Taster.
   */
  readonly $schema?: string;
  /**
   * enforce holds what is judged bad; observe only says what it would hold, except for shards that cannot be read or judged.
   */
  readonly mode?: 'observe' | 'enforce';
  /**
   * Greatest probability that a clean batch is held.
   */
  readonly falseQuarantineRate?: number;
  /**
   * Share of a scope's rows that may be worse than the baseline's without an alarm.
   */
  readonly tolerance?: number;
}
/**
 * The verdict on a batch and what it rests on: data only, no host, time or absolute path.
 */
export interface Decision {
  readonly verdict: Verdict;
  readonly mode: Mode;
  /**
   * True when every shard was released.
   */
  readonly released: boolean;
  readonly shards: readonly ShardDecision[];
  readonly sources: readonly SourceDecision[];
  /**
   * Rejected tests and faults, never tests that passed.
   */
  readonly findings: readonly Finding[];
  readonly families: readonly FamilyOutcome[];
  readonly minimumDetectable: readonly MinimumDetectable[];
  /**
   * Separately collected parts of the baseline that the tests could compare with one another.
   */
  readonly trustedBlocks: number;
}
export interface ShardDecision {
  /**
   * Path within the batch.
   */
  readonly path: string;
  readonly verdict: Verdict;
  /**
   * What this run did.
   */
  readonly released: boolean;
  readonly pValue: number | null;
  readonly qValue: number | null;
  /**
   * Ids of the findings that this verdict rests on or that concern the shard.
   */
  readonly findings: readonly string[];
}
export interface SourceDecision {
  readonly name: string;
  readonly rows: number;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly condemned: boolean;
}
export interface Finding {
  /**
   * Stable within the decision: `<kind>/<scope>/<subject>`.
   */
  readonly id: string;
  readonly kind: FindingKind;
  readonly scope: FindingScope;
  /**
   * The batch's name, a shard's path, `path: class`, a source's bare name or `a → b`.
   */
  readonly subject: string;
  /**
   * Null for findings that no test made (`integrity`, `schema`).
   */
  readonly pValue: number | null;
  readonly excessRows: ExcessRows | null;
  readonly evidence: {
    /**
     * One plain sentence.
     */
    readonly summary: string;
    readonly numbers: {
      readonly [k: string]: number | string;
    };
  };
  /**
   * MITRE ATLAS, OWASP and NIST identifiers.
   */
  readonly references: readonly string[];
  /**
   * False for advice that keeps nothing back.
   */
  readonly holds: boolean;
}
/**
 * An estimate of how many rows too many behave badly, with its 95 % interval.
 */
export interface ExcessRows {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}
export interface FamilyOutcome {
  readonly family: 'batch' | 'shards' | 'sources' | 'class-pairs' | 'items';
  readonly pValue: number;
  readonly level: number;
  readonly rejected: boolean;
}
export interface MinimumDetectable {
  readonly kind: FindingKind;
  /**
   * Least number of poisoned rows spread over the whole batch that is found 4 times in 5; null when no number of them is.
   */
  readonly rows: number | null;
}
/**
 * report.json, and what `taster scan --json` prints: the decision on a batch with everything needed to understand and repeat it.
 */
export interface Report {
  /**
   * The batch's name: the last segment of its path.
   */
  readonly batch: string;
  readonly verdict: Verdict;
  readonly mode: Mode;
  /**
   * True when every shard was released.
   */
  readonly released: boolean;
  /**
   * In the order of their paths.
   *
   * @minItems 1
   */
  readonly shards: readonly ShardReport[];
  readonly findings: readonly Finding[];
  readonly sources: readonly SourceDecision[];
  readonly families: readonly FamilyOutcome[];
  readonly minimumDetectable: readonly MinimumDetectable[];
  readonly columns: readonly ColumnRole[];
  /**
   * What the user should know and nothing else says: ignored columns, what was not checked.
   */
  readonly notes: readonly string[];
  /**
   * The rows of highest suspicion, worst first.
   *
   * @maxItems 10
   */
  readonly worstRows: readonly WorstRowReport[];
  readonly baseline: {
    /**
     * True when no trusted rows were given and the batch was judged against itself.
     */
    readonly provisional: boolean;
    /**
     * That models were fitted on.
     */
    readonly rows: number;
    readonly distinctRows: number;
    /**
     * Parts that were collected together.
     */
    readonly blocks: number;
    readonly sha256: string;
  };
  readonly policy: {
    readonly mode: Mode;
    readonly falseQuarantineRate: number;
    readonly tolerance: number;
    readonly sha256: string;
  };
  /**
   * The tensor backend that scored the rows.
   */
  readonly backend: string;
  /**
   * The version of Taster.
   */
  readonly version: string;
}
export interface ShardReport {
  /**
   * Ends in the shard's path within the batch.
   */
  readonly uri: string;
  /**
   * Null when the shard is too large to be read at all.
   */
  readonly sha256: string | null;
  /**
   * Null when the shard could not be read.
   */
  readonly rows: number | null;
  readonly verdict: Verdict;
  /**
   * What this run did.
   */
  readonly released: boolean;
  /**
   * Null where nothing was tested.
   */
  readonly pValue: number | null;
  /**
   * Null where nothing was tested.
   */
  readonly qValue: number | null;
  /**
   * Ids of findings.
   */
  readonly findings: readonly string[];
}
export interface ColumnRole {
  readonly name: string;
  readonly role: Role;
  /**
   * Arrow type as text.
   */
  readonly type: string;
  /**
   * True when Taster chose the role itself.
   */
  readonly guessed: boolean;
}
export interface WorstRowReport {
  /**
   * Path within the batch.
   */
  readonly shard: string;
  /**
   * Position in the shard, from 0.
   */
  readonly row: number;
  readonly suspicion: number;
  readonly suspect: boolean;
  readonly reason: string | null;
  readonly values: readonly CellValue[];
}
export interface CellValue {
  readonly column: string;
  /**
   * The cell as text, shortened where long.
   */
  readonly value: string;
}
