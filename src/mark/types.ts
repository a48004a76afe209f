/** Per-row outcome of one readable shard, in row order. */
export interface ShardMarks {
  /** Path within the batch. */
  readonly shard: string;
  readonly rows: number;
  /** Per detector, `null` columns stand for rows that were not judged (NaN). */
  readonly detectors: ReadonlyMap<string, { readonly anomalyScore: Float64Array; readonly pValue: Float64Array }>;
  /** 0..1, higher is worse, never NaN. */
  readonly suspicion: Float64Array;
  readonly suspect: Uint8Array;
  readonly withhold: Uint8Array;
  /** One entry per row; null where there is nothing to say. */
  readonly reason: readonly (string | null)[];
  /** Class index, −1 for none; empty where the shard was not judged. */
  readonly labels: Int32Array;
  /** Class index that a model of other rows gives each row, −1 for none; empty where no detector classifies. */
  readonly called: Int32Array;
  /** On the baseline's map: x and y in turn, two a row; empty where there is none. */
  readonly places: Float32Array;
}
