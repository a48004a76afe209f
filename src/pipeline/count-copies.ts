import { rowFiles, type ShardAssessment } from '../assess/index.js';
import { countItems, type ItemCounts, type SignedRows } from '../detect/index.js';
import { askThread, compiledBeside } from '../process/index.js';

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

const ENTRY = compiledBeside(import.meta.url, './copies-worker.js');
/** A thread takes as long to start as a hundred thousand rows take to be counted. */
const MANY_ROWS = 200_000;

/** On a thread of its own where there are many, so that other things can be looked for beside it. */
export function countApart(job: CopiesJob): Promise<ItemCounts> {
  const rows = job.shards.reduce((sum, shard) => sum + shard.rows, 0);
  return rows < MANY_ROWS ? countCopies(job) : askThread(ENTRY, job);
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
