import type { GradedRows, ItemIndex } from '../detect/index.js';

/**
 * Rows that a finding speaks of: the worst `rows` of its kind among those that `where` admits, and up to `most` if their
 * own p-values say as much; or all that carry an item.
 */
export interface Selection {
  readonly finding: string;
  readonly kind: string;
  readonly rows: number;
  readonly most?: number;
  readonly where: RowFilter;
  /** Of the finding, for carriers of an item: they have no p-value of their own. */
  readonly pValue?: number;
  /** True where the rows lie in what is released: they are suspect, and not withheld. */
  readonly isReleased?: boolean;
  /** Why rows are suspect, where that is the same for all of them. */
  readonly words?: string;
  /** Path → rows, suspect or not, whose suspicion the finding knows better than any detector. */
  readonly graded?: ReadonlyMap<string, GradedRows>;
}

/** Every part that is given must fit. */
export interface RowFilter {
  readonly shards?: ReadonlySet<string>;
  readonly notShards?: ReadonlySet<string>;
  readonly sources?: ReadonlySet<string>;
  readonly notSources?: ReadonlySet<string>;
  readonly classes?: ReadonlySet<number>;
  readonly called?: number;
  /** Rows that carry any of these items. */
  readonly carries?: ItemIndex;
  /** Path → these rows. */
  readonly rows?: ReadonlyMap<string, ReadonlySet<number>>;
}
