import type { S3Client } from '@aws-sdk/client-s3';
import { BadInput } from '../../errors.js';
import { stateOf } from '../folder-state.js';
import type { FolderState } from '../object-store.js';
import { pathBelow, prefixOf, rootOf } from '../s3-uri.js';
import { explainFailure } from './failure.js';
import { type Listed, listedPages } from './list.js';

/** As ObjectStore.folderStates. Keys come in their order, so those of a folder come together. */
export async function* listFolderStates(client: S3Client, root: string): AsyncGenerator<FolderState> {
  const location = rootOf(root);
  const prefix = prefixOf(location);
  let name = '';
  let listed: Listed[] = [];
  const stateNow = (): FolderState[] =>
    isFolder(name) ? [{ name, state: stateOfListed(`${prefix}${name}/`, location.bucket, listed) }] : [];
  for await (const page of pagesBelow(client, root)) {
    for (const one of page) {
      const path = one.key.slice(prefix.length);
      const folder = path.slice(0, Math.max(path.indexOf('/'), 0));
      if (folder !== name) {
        yield* stateNow();
        name = folder;
        listed = [];
      }
      listed.push(one);
    }
  }
  yield* stateNow();
}

function isFolder(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !name.startsWith('_');
}

/** Undefined where an object has a name that no listing of the folder takes. */
function stateOfListed(prefix: string, bucket: string, listed: readonly Listed[]): string | undefined {
  try {
    return stateOf(
      listed.flatMap(({ key, bytes, version }) => {
        const path = pathBelow(prefix, { bucket, key }, bytes);
        return path === undefined ? [] : [{ path, bytes, ...(version !== undefined && { version }) }];
      }),
    );
  } catch (error) {
    if (error instanceof BadInput) return undefined;
    throw error;
  }
}

async function* pagesBelow(client: S3Client, root: string): AsyncGenerator<Listed[]> {
  const location = rootOf(root);
  try {
    yield* listedPages(client, { Bucket: location.bucket, Prefix: prefixOf(location) });
  } catch (error) {
    throw explainFailure(error, root, 'read');
  }
}
