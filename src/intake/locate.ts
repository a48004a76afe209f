import { BadInput } from '../errors.js';
import type { ObjectStore } from '../store/index.js';

/** One object of a batch. */
export interface Shard {
  /** Names the shard within the batch; parts joined by '/'. */
  readonly path: string;
  readonly uri: string;
  readonly bytes: number;
  /** Names this very content where the store keeps several. */
  readonly version?: string;
  /** Why it may not be read, whatever it holds. */
  readonly refused?: string;
}

/**
 * The shards of a batch, by path in code-unit order. Of several roots, a folder's shards are named `<folder>/<path>`.
 * @throws BadInput PATH_MISSING, NO_SHARDS (of any root), USAGE where two shards would have one name; Transient READ_FAILED
 */
export async function locateShards(store: ObjectStore, roots: readonly string[]): Promise<Shard[]> {
  const byPath = new Map<string, Shard>();
  for (const root of roots) {
    for (const shard of await shardsOf(store, root, roots.length > 1)) {
      const other = byPath.get(shard.path);
      if (other) throw collision(other, shard);
      byPath.set(shard.path, shard);
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function shardsOf(store: ObjectStore, root: string, amongOthers: boolean): Promise<Shard[]> {
  const found = await store.list(root);
  const refused = await store.refused(root);
  const objects: Shard[] = [...found, ...refused.map(({ path, uri, why }) => ({ path, uri, bytes: 0, refused: why }))];
  if (objects.length === 0) throw new BadInput('NO_SHARDS', { path: root });
  const name = store.nameOf(root);
  // A file given by itself is listed under its own name already.
  if (!amongOthers || (objects.length === 1 && objects[0]?.path === name)) return objects;
  return objects.map((object) => ({ ...object, path: `${name}/${object.path}` }));
}

function collision(first: Shard, second: Shard): BadInput {
  const detail = `${first.uri} and ${second.uri} would both be named ${first.path} in the batch: rename one`;
  return new BadInput('USAGE', { detail });
}
