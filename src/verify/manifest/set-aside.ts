import type { ObjectStore } from '../../store/index.js';
import { openManifest } from './read-manifest.js';
import type { Claim } from './types.js';

/** A manifest as it was read. */
export interface GivenManifest {
  readonly content: Uint8Array;
  readonly uri: string;
}

interface Located {
  readonly path: string;
  readonly uri: string;
}

/** What lies in a batch and is no shard. */
export interface BesideShards {
  /** Paths that the manifest says to ignore: nobody judges or releases them. */
  readonly ignored: readonly string[];
  /** Of the manifest itself; undefined where it lies elsewhere or is hidden. */
  readonly manifestPath?: string;
}

/** The shards among the files of a batch, and what is none by its manifest. */
export function setAsideIgnored<File extends Located>(
  store: Pick<ObjectStore, 'fileOf'>,
  files: readonly File[],
  manifest: GivenManifest | undefined,
): { readonly shards: readonly File[]; readonly beside: BesideShards } {
  if (manifest === undefined) return { shards: files, beside: { ignored: [] } };
  const opened = openManifest(manifest.content);
  const ignores = 'problem' in opened ? undefined : opened.claim.ignores;
  // The same file may be named in several ways, an object of S3 in one only.
  const placeOf = (uri: string) => store.fileOf(uri) ?? uri;
  const own = files.find(({ uri }) => placeOf(uri) === placeOf(manifest.uri));
  const others = files.filter((file) => file !== own);
  return {
    shards: others.filter(({ path }) => !isIgnored(path, ignores)),
    beside: {
      ignored: others.flatMap(({ path }) => (isIgnored(path, ignores) ? [path] : [])),
      ...(own === undefined ? {} : { manifestPath: own.path }),
    },
  };
}

/** Whether it is one of the paths, or below one. */
export function isIgnored(path: string, ignores: Claim['ignores'] = []): boolean {
  return ignores.some((one) => {
    const ignored = one.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    return ignored === '.' || path === ignored || path.startsWith(`${ignored}/`);
  });
}
