import { createHash } from 'node:crypto';
import { type fetchRows, itemFiles, rowFiles, type ShardAssessment, type ShardRows } from '../assess/index.js';
import {
  type CodedRows,
  type ItemSource,
  joinCoded,
  type SignedRows,
  type TrustedItems,
  takeCoded,
  type VisitShards,
} from '../detect/index.js';
import { digestsIn, digestsUnderKey } from '../encode/index.js';
import type { Shard } from '../intake/index.js';

/** An assessed batch, and what it takes to read rows of it again. */
export interface AssessedBatch {
  readonly shards: readonly Shard[];
  readonly assessments: readonly ShardAssessment[];
  readonly rowsOf: (shard: ShardAssessment) => Promise<ShardRows>;
  /** Only what says which rows are alike. */
  readonly signedOf: (shard: ShardAssessment) => Promise<SignedRows>;
  readonly job: Parameters<typeof fetchRows>[1];
  /** True to name no cell of any row. */
  readonly redact: boolean;
}

/** Beyond so many rows for each trusted one more of them hardly make an item any surer: it is the trusted ones that lack. */
const ROWS_PER_TRUSTED = 4;
const DIGESTS = 2 ** 52;
/** So many are looked at together: to go through all pairs of columns takes as long for few rows as for a hundred. */
const TOGETHER_ROWS = 4096;

/** What the rows of a batch carry: of all rows, and of those that are counted, which no uploader can foretell. */
export function itemsIn(
  batch: AssessedBatch,
  { space, rows: trustedRows }: TrustedItems,
): { readonly source: ItemSource; readonly visitAll: VisitShards } {
  const { scratch } = batch.job;
  const { judged, numberOf } = judgedIn(batch);
  const [store, signed] = [itemFiles(scratch), rowFiles(scratch)];
  const greatest = (DIGESTS * ROWS_PER_TRUSTED * trustedRows) / rowsIn(batch);
  const key = keyOf(judged);
  const chosen = new Map<string, Int32Array>();
  const choose = async (shard: ShardAssessment) => {
    if (greatest < DIGESTS) {
      const own = await signed.withSigned(numberOf(shard), (rows) => leastUnderKey(rows, key, greatest));
      chosen.set(shard.path, own);
    }
    return chosen.get(shard.path);
  };
  return {
    source: {
      visitCoded: async (visit) => {
        let [waiting, rows]: [CodedRows[], number] = [[], 0];
        const visitWaiting = () => {
          visit(joinCoded(space, waiting));
          [waiting, rows] = [[], 0];
        };
        for (const shard of judged) {
          const own = await choose(shard);
          await store.withCoded(numberOf(shard), (coded) => {
            if (own === undefined) visit(coded);
            else waiting.push(takeCoded(space, coded, own));
          });
          rows += own?.length ?? 0;
          if (rows >= TOGETHER_ROWS) visitWaiting();
        }
        if (rows > 0) visitWaiting();
      },
      visitIds: async (visit) => {
        for (const shard of judged) visit(await store.readIds(numberOf(shard), chosen.get(shard.path)));
      },
    },
    visitAll: allRowsOf(batch),
  };
}

/** Of the judged shards. */
export function rowsIn({ assessments }: AssessedBatch): number {
  return assessments.reduce((sum, { isJudged, rows }) => sum + (isJudged ? (rows ?? 0) : 0), 0);
}

/** Where a row of a batch is, and its class. */
export interface PlacedRow {
  readonly path: string;
  readonly row: number;
  readonly label: number;
}

/** A row of a batch, with what copies of it have in common. */
export interface ChosenRow extends PlacedRow {
  readonly digest: number;
}

/** About so many rows, no two of them equal, as no uploader can foretell: all of a small batch. */
export async function chooseDistinct(batch: AssessedBatch, most: number): Promise<ChosenRow[]> {
  const { judged } = judgedIn(batch);
  const limit = (DIGESTS * most) / Math.max(1, rowsIn(batch));
  const key = keyOf(judged);
  const chosen = new Map<number, ChosenRow>();
  for (const shard of judged) {
    const signed = await batch.signedOf(shard);
    const { perRow, values } = signed.signatures;
    for (const row of leastUnderKey(signed, key, limit)) {
      const digest = values[row * perRow] as number;
      const label = signed.labels[row] as number;
      if (!chosen.has(digest)) chosen.set(digest, { path: shard.path, row, label, digest });
    }
  }
  return [...chosen.values()];
}

/** Of every judged shard, in path order, what is known of its rows and what they carry. */
export function allRowsOf(batch: AssessedBatch): VisitShards {
  const { judged, numberOf } = judgedIn(batch);
  const store = itemFiles(batch.job.scratch);
  return async (visit) => {
    for (const shard of judged) {
      visit({ ...(await batch.rowsOf(shard)), items: await store.read(numberOf(shard)) }, shard.path);
    }
  };
}

export function judgedIn({ shards, assessments }: AssessedBatch) {
  const judged = assessments.filter(({ isJudged }) => isJudged).sort((a, b) => (a.path < b.path ? -1 : 1));
  const numbers = numbersOf(shards);
  return { judged, numberOf: ({ path }: ShardAssessment) => numbers.get(path) ?? -1 };
}

/** Rows whose digests under the key are less than `limit`. */
function leastUnderKey({ signatures }: SignedRows, key: string, limit: number): Int32Array {
  const keyed = digestsUnderKey(digestsIn(signatures), key);
  const chosen: number[] = [];
  for (let row = 0; row < keyed.length; row++) if ((keyed[row] as number) < limit) chosen.push(row);
  return Int32Array.from(chosen);
}

/** Of the digests of all shards: who made the rows of one does not know it. */
export function keyOf(judged: readonly ShardAssessment[]): string {
  const digests = judged.map(({ sha256 }) => sha256 ?? '').sort();
  return createHash('sha256').update(digests.join('\n')).digest('hex');
}

export function numbersOf(shards: readonly Shard[]): ReadonlyMap<string, number> {
  return new Map(shards.map(({ path }, number) => [path, number]));
}
