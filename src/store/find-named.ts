import type { ObjectStore, StoredObject } from './object-store.js';
import { isS3Uri } from './s3-uri.js';

/** A path or URI of a file, as somebody names it. */
export interface NamedFile {
  readonly folder: string;
  readonly name: string;
}

/** Undefined for what is no file: a bucket, or what ends in a slash. */
export function namedFile(path: string): NamedFile | undefined {
  const [, folder = '.', name = ''] = /^(?:(.*)[/\\])?([^/\\]*)$/s.exec(path) ?? [];
  if (name === '' || isS3Uri(path) !== isS3Uri(folder)) return undefined;
  return { folder: folder || '/', name };
}

/** The one file that somebody names; undefined where it is not there. @throws Transient READ_FAILED */
export async function findNamed(store: ObjectStore, path: string): Promise<StoredObject | undefined> {
  const named = namedFile(path);
  return named && store.find(named.folder, named.name);
}
