import { tableFromIPC } from 'apache-arrow';
import { batchFolder, below } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput, Bug } from '../errors.js';
import { readAgain } from '../intake/index.js';
import { encodeKept } from '../mark/index.js';
import type { SealedShard } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { isThere } from './place.js';

export interface ShardToClean {
  readonly batch: string;
  /** SHA-256 of the decision whose marks say which rows are withheld. */
  readonly decision: string;
  /** SHA-256 of those marks; undefined in records of earlier versions. */
  readonly marks: string | undefined;
  /** Where its bytes lie now. */
  readonly origin: Omit<SealedShard, 'path'>;
  readonly path: string;
  readonly sha256: string;
}

/** What was released of a shard. */
export interface CleanedShard {
  /** Beside the verdict. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * Puts the rows of a held shard that are not to be withheld beside the released shards; undefined where it cannot be read.
 * @throws BadInput RECORD_DAMAGED where the marks are not those of the judgement; Transient TARGET_TAKEN, READ_FAILED, also where it is no longer what was judged; WRITE_FAILED
 */
export async function cleanShard(
  store: ObjectStore,
  { vault, released, policy }: Pick<Dataset, 'vault' | 'released' | 'policy'>,
  { batch, decision, marks, origin, path, sha256 }: ShardToClean,
): Promise<CleanedShard | undefined> {
  const withhold = await readMarks(store, below(vault, batchFolder(batch), 'decisions', decision), path, marks);
  const table = await readAgain(store, { ...origin, path, sha256 }, policy.limits).catch((error: unknown) => {
    if (error instanceof BadInput) return undefined;
    throw error;
  });
  if (table === undefined || table.numRows !== withhold.length) return undefined;
  const { ending, content } = encodeKept(table, withhold);
  const cleaned = { path: `${path}.clean.${ending}`, sha256: sha256Of(content) };
  const target = `${batch}/${cleaned.path}`;
  if (!(await store.create(released, target, content))) await isThere(store, released, target, cleaned.sha256);
  return cleaned;
}

/** Of each row of a shard in turn, whether it is to be withheld. */
async function readMarks(
  store: ObjectStore,
  decision: string,
  path: string,
  sha256: string | undefined,
): Promise<boolean[]> {
  const object = await store.find(decision, 'rows.arrow');
  if (object === undefined) return [];
  const content = await store.read(object.uri);
  if (sha256 !== undefined && sha256Of(content) !== sha256) {
    throw new BadInput('RECORD_DAMAGED', { path: object.uri, detail: 'it is not what the judgement names' });
  }
  const marks = tableFromIPC(content);
  const [shards, withhold] = [marks.getChild('shard'), marks.getChild('withhold')];
  if (shards === null || withhold === null) throw new Bug('rows.arrow lacks its columns');
  const own: boolean[] = [];
  for (let row = 0; row < marks.numRows; row++) {
    if (shards.get(row) === path) own.push(withhold.get(row) === true);
  }
  return own;
}
