/** Rows that a finding speaks of: the worst `rows` of its kind among those that `where` admits. */
export interface Selection {
  readonly finding: string;
  readonly kind: string;
  readonly rows: number;
  readonly where: RowFilter;
}

/** Every part that is given must fit. */
export interface RowFilter {
  readonly shards?: ReadonlySet<string>;
  readonly notShards?: ReadonlySet<string>;
  readonly sources?: ReadonlySet<string>;
  readonly notSources?: ReadonlySet<string>;
  readonly classes?: ReadonlySet<number>;
  readonly called?: number;
}
