import { fixLists } from '../encode/index.js';
import { BadInput } from '../errors.js';
import { parseShard, pinShard, type Shard, schemaDigest } from '../intake/index.js';
import type { ObjectStore } from '../store/index.js';
import { assessShard, unreadableShard } from './assess-shard.js';
import { instructionsIn } from './instruction-files.js';
import { NO_ROWS } from './row-store.js';
import type { AssessedShard, Assessor } from './types.js';

/** Pins, hashes, parses and assesses one shard; one that cannot be read is assessed as that, whatever is wrong with it. */
export async function assess(store: ObjectStore, shard: Shard, assessor: Assessor): Promise<AssessedShard> {
  let sha256: string | null = null;
  try {
    assessor.onPhase?.('hash');
    const pinned = await pinShard(store, shard, assessor.limits);
    sha256 = pinned.sha256;
    assessor.onPhase?.('parse');
    const sent = await parseShard(pinned, assessor.limits);
    const schema = schemaDigest(sent.schema);
    const table = fixLists(sent, assessor.baseline.columns);
    const seen = await assessor.models?.apply(table, () => assessor.onPhase?.('model'));
    const assessed = assessShard({ path: shard.path, sha256, table: seen ?? table }, assessor);
    const isJudged = assessed.assessment.isJudged;
    const assessment = { ...assessed.assessment, schema };
    return {
      ...assessed,
      assessment,
      instructions: isJudged ? instructionsIn(table, assessor.baseline.columns) : null,
    };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const assessment = unreadableShard(shard.path, sha256, withoutPath(error.message, shard.path));
    return { assessment, rows: NO_ROWS, items: null };
  }
}

/** The shard's name stands beside whatever is said of it. */
export function withoutPath(message: string, path: string): string {
  return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
}
