import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { RecordBatchReader } from 'apache-arrow';
import { batchFolder, below } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput, Bug } from '../errors.js';
import { copyShard, readAgain } from '../intake/index.js';
import { encodeKept } from '../mark/index.js';
import type { Seal, SealedShard, VerdictShard } from '../schema/index.js';
import { type ObjectStore, sha256Of, withScratch } from '../store/index.js';
import { cleanedName } from './cleaned-names.js';
import { isThere } from './place.js';

interface ShardToClean {
  /** Where its bytes lie now. */
  readonly origin: Omit<SealedShard, 'path'>;
  readonly path: string;
  readonly sha256: string;
}

/** Rows of the decision of a batch that are to be withheld. */
interface Marks {
  readonly seal: Seal;
  /** SHA-256 of the decision whose marks say which rows are withheld. */
  readonly decision: string;
  /** SHA-256 of those marks; undefined in records of earlier versions. */
  readonly marks: string | undefined;
}

/**
 * Puts the rows of held shards that are not to be withheld beside the released shards; undefined of one that cannot be read,
 * or whose rest would be called as a shard of the sender is.
 * One at a time: a shard takes the memory of all its rows.
 * @throws BadInput RECORD_DAMAGED where the marks are not those of the judgement; Transient TARGET_TAKEN, READ_FAILED, also where it is no longer what was judged; WRITE_FAILED
 */
export async function cleanShards(
  store: ObjectStore,
  dataset: Pick<Dataset, 'vault' | 'released' | 'policy'>,
  { seal, decision, marks }: Marks,
  shards: readonly ShardToClean[],
): Promise<ReadonlyMap<string, VerdictShard | undefined>> {
  const cleaned = new Map<string, VerdictShard | undefined>();
  const paths = shards.map(({ path }) => path);
  const folder = below(dataset.vault, batchFolder(seal.batch), 'decisions', decision);
  const withheld = await readMarks(store, folder, paths, marks);
  for (const shard of shards) {
    cleaned.set(shard.path, await cleanShard(store, dataset, seal, shard, withheld.get(shard.path) ?? []));
  }
  return cleaned;
}

async function cleanShard(
  store: ObjectStore,
  { released, policy }: Pick<Dataset, 'released' | 'policy'>,
  { batch, shards }: Seal,
  { origin, path, sha256 }: ShardToClean,
  withhold: boolean[],
): Promise<VerdictShard | undefined> {
  const table = await readAgain(store, { ...origin, path, sha256 }, policy.limits).catch((error: unknown) => {
    if (error instanceof BadInput) return undefined;
    throw error;
  });
  if (table === undefined || table.numRows !== withhold.length) return undefined;
  const { ending, content } = encodeKept(table, withhold);
  const digest = sha256Of(content);
  const name = cleanedName(path, ending, digest);
  // Who knows which rows will be withheld can foresee the name, and call another shard so.
  if (shards.some((shard) => shard.path === name)) return undefined;
  const target = `${batch}/${name}`;
  if (!(await store.create(released, target, content))) await isThere(store, released, target, digest);
  return { name, digest: { sha256: digest }, released: true };
}

/** Of some shards, by path: of each row in turn, whether it is to be withheld. */
async function readMarks(
  store: ObjectStore,
  decision: string,
  paths: readonly string[],
  sha256: string | undefined,
): Promise<ReadonlyMap<string, boolean[]>> {
  const own = new Map(paths.map((path): [string, boolean[]] => [path, []]));
  const object = await store.find(decision, 'rows.arrow');
  if (object === undefined) return own;
  return withScratch(tmpdir(), async (scratch) => {
    const { shard: copy } = await copyShard({ store, limits: { shardBytes: Infinity }, scratch }, object);
    if (sha256 !== undefined && copy.sha256 !== sha256) {
      throw new BadInput('RECORD_DAMAGED', { path: object.uri, detail: 'it is not what the judgement names' });
    }
    await addWithheld(own, copy.uri);
    return own;
  });
}

/** Of the shards that are asked for; one record batch of the file is in memory at a time. */
async function addWithheld(own: ReadonlyMap<string, boolean[]>, file: string): Promise<void> {
  const handle = await open(file);
  try {
    for await (const batch of await RecordBatchReader.from(handle)) {
      const [shards, withhold] = [batch.getChild('shard'), batch.getChild('withhold')];
      if (shards === null || withhold === null) throw new Bug('rows.arrow lacks its columns');
      for (let row = 0; row < batch.numRows; row++) own.get(shards.get(row))?.push(withhold.get(row) === true);
    }
  } finally {
    await handle.close();
  }
}
