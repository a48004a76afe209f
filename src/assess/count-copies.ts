import { countItems, type ItemCounts, type SignedRows } from '../detect/index.js';
import { rowFiles } from './row-store.js';
import type { ShardAssessment } from './types.js';

/** Copies are counted by what the rows of judged shards have in the scratch folder, and nothing else. Plain data. */
export interface CopiesJob {
  readonly scratch: string;
  readonly shards: readonly {
    readonly number: number;
    readonly path: string;
    readonly rows: number;
    readonly sources: readonly string[];
  }[];
  readonly trusted: SignedRows;
  readonly level: number;
}

export function countCopies({ scratch, shards, trusted, level }: CopiesJob): Promise<ItemCounts> {
  const store = rowFiles(scratch);
  const readable = shards.map(({ number, ...shard }) => ({
    ...shard,
    readSigned: () => store.readSigned(number),
    read: () => store.read(number),
  }));
  return countItems(readable, trusted, level);
}

/** @param assessments in the order of the batch's shards */
export function judgedShards(assessments: readonly ShardAssessment[]): CopiesJob['shards'] {
  return assessments.flatMap(({ path, rows, sources, isJudged }, number) =>
    isJudged ? [{ number, path, rows: rows ?? 0, sources }] : [],
  );
}
