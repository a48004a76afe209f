import { defaultShardLimits, type ShardLimits } from '../schema/index.js';

/** What reading one shard may cost. Time and memory are watched by whoever runs the process. */
export type IntakeLimits = Readonly<Required<Omit<ShardLimits, 'seconds' | 'memoryBytes'>>>;

export const defaultLimits: IntakeLimits = defaultShardLimits;

const smaller = 'write smaller shards';
const remedies: Readonly<Record<keyof IntakeLimits, string>> = {
  shardBytes: smaller,
  decodedBytes: smaller,
  rows: smaller,
  rowBytes: 'write it as Parquet',
  columns: 'leave columns out',
  nesting: 'write it flatter',
};

/** `claim` reads on with the number: "it has more than" 20000000 (limits.rows). */
export function beyondLimit<Limit extends keyof IntakeLimits>(
  claim: string,
  limit: Limit,
  limits: Pick<IntakeLimits, Limit>,
): Error {
  return new Error(
    `${claim} ${limits[limit]} (limits.${limit}): ${remedies[limit]}, or raise this limit in the policy`,
  );
}

export function assertRows(rows: number | bigint, limits: IntakeLimits): void {
  if (rows > limits.rows) throw beyondLimit(`it has ${rows} rows, more than`, 'rows', limits);
}

/** `bytes` may count characters instead, where these are what is at hand. */
export function assertRowBytes(bytes: number, line: number, limits: IntakeLimits): void {
  if (bytes > limits.rowBytes)
    throw beyondLimit(`the row that begins on line ${line} is longer than`, 'rowBytes', limits);
}

export function assertColumns(columns: number, limits: IntakeLimits): void {
  if (columns > limits.columns) throw beyondLimit(`it has ${columns} columns, more than`, 'columns', limits);
}

export function assertDecoded(bytes: number | bigint, limits: IntakeLimits): void {
  if (bytes > limits.decodedBytes) throw beyondLimit('it decodes to more bytes than', 'decodedBytes', limits);
}
