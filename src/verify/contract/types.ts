import type { Contract, Role } from '../../schema/index.js';

/** A contract that was found sound, with what follows from its content. Plain data. */
export interface PinnedContract {
  readonly contract: Contract;
  readonly roles: ReadonlyMap<string, Role>;
  /** Class of each item, of columns of probabilities that say it. */
  readonly classes: ReadonlyMap<string, readonly string[]>;
  /** Of its canonical content, lower-case hexadecimal. */
  readonly sha256: string;
  /** Where the paths of its models begin; null for a contract that is no file. */
  readonly folder: string | null;
  /** True while nobody has edited what was inferred: only missing columns and wrong types hold. */
  readonly isAdvisory: boolean;
}

/** Named as in the contract, where it has a name there. */
export type Constraint =
  | 'missing'
  | 'type'
  | 'maxNullShare'
  | 'range'
  | 'categories'
  | 'length'
  | 'size'
  | 'unexpected';

export interface ContractBreach {
  /** Several, joined by commas, for unexpected ones. */
  readonly column: string;
  readonly constraint: Constraint;
  /** How many rows break it. */
  readonly rows: number;
  /** At most five of them; the cell as text, shortened where long. */
  readonly firstRows: readonly { readonly row: number; readonly value: string }[];
  /** Without full stop and shard. */
  readonly summary: string;
  /** The summary without a cell of any row; left out where it tells none. */
  readonly withoutCells?: string;
}
