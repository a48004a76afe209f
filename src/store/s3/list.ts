import {
  HeadObjectCommand,
  type _Object as ListedObject,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { BadInput } from '../../errors.js';
import type { StoredObject } from '../object-store.js';
import { nameOfS3, parseS3Uri, pathBelow, prefixOf, rootOf, type S3Location, s3Uri } from '../s3-uri.js';
import { explainFailure, isDenied, isGone, isUnsupported, orFail } from './failure.js';
import { versionOf } from './version.js';

/** An object as a listing tells it. */
export interface Listed {
  readonly key: string;
  readonly bytes: number;
  readonly version: string | undefined;
}

interface Prefix {
  readonly Bucket: string;
  readonly Prefix: string;
}

/** As ObjectStore.list. */
export async function listObjects(client: S3Client, root: string): Promise<StoredObject[]> {
  const location = rootOf(root);
  const prefix = prefixOf(location);
  const listed = await orFail(root, 'read', () => listAll(client, { Bucket: location.bucket, Prefix: prefix }));
  const sole = mayBeObject(root) ? await headObject(client, parseS3Uri(root)) : undefined;
  if (sole !== undefined && listed.length > 0) throw new BadInput('PATH_AMBIGUOUS', { path: root });
  if (sole !== undefined) return [{ ...sole, path: nameOfS3(root) }];
  if (listed.length === 0 && location.key !== '') throw new BadInput('PATH_MISSING', { path: root });
  const found = listed.flatMap(({ key, bytes, version }) => {
    const at = { bucket: location.bucket, key };
    const path = pathBelow(prefix, at, bytes);
    return path === undefined ? [] : [{ path, uri: s3Uri(at), bytes, ...(version !== undefined && { version }) }];
  });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** As ObjectStore.listAfter. Versions are ETags: no listing of version ids begins after a name that is not there. */
export function listAfter(client: S3Client, root: string, path: string, most: number): Promise<StoredObject[]> {
  const { bucket, key } = rootOf(root);
  const prefix = prefixOf({ bucket, key });
  const request = { Bucket: bucket, Prefix: prefix, StartAfter: `${prefix}${path}` };
  return orFail(root, 'read', async () => {
    const found: StoredObject[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: most }, request)) {
      found.push(...(page.Contents ?? []).flatMap((listed) => objectBelow(prefix, bucket, listed)));
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  });
}

function objectBelow(prefix: string, bucket: string, { Key = '', Size = 0, ETag }: ListedObject): StoredObject[] {
  const at = { bucket, key: Key };
  const path = pathBelow(prefix, at, Size);
  return path === undefined
    ? []
    : [{ path, uri: s3Uri(at), bytes: Size, ...(ETag !== undefined && { version: ETag }) }];
}

function mayBeObject(root: string): boolean {
  const { key } = parseS3Uri(root);
  return key !== '' && !key.endsWith('/');
}

/** One object, its path left to the caller; undefined where there is none. @throws Transient READ_FAILED */
export async function headObject(client: S3Client, at: S3Location): Promise<Omit<StoredObject, 'path'> | undefined> {
  const uri = s3Uri(at);
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: at.bucket, Key: at.key }));
    const version = versionOf(head);
    return { uri, bytes: head.ContentLength ?? 0, ...(version !== undefined && { version }) };
  } catch (error) {
    if (isGone(error) || (isDenied(error) && (await isUnlisted(client, at)))) return undefined;
    throw explainFailure(error, uri, 'read');
  }
}

/**
 * True where a listing says that there is no such object. To who may not list the whole bucket AWS denies what is missing
 * as it denies what may not be read. Source: Amazon S3 API Reference, HeadObject, "Permissions".
 */
async function isUnlisted(client: S3Client, { bucket, key }: S3Location): Promise<boolean> {
  const request = new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 });
  // Of all keys that begin with it, it comes first.
  const listed = await client.send(request).catch(() => undefined);
  return listed !== undefined && listed.Contents?.[0]?.Key !== key;
}

async function listAll(client: S3Client, prefix: Prefix): Promise<Listed[]> {
  const found: Listed[] = [];
  for await (const some of listedPages(client, prefix)) found.push(...some);
  return found;
}

/** Version ids take a permission of their own, and some servers have none: ETags will do then. */
export async function* listedPages(client: S3Client, prefix: Prefix): AsyncGenerator<Listed[]> {
  let hasVersions = false;
  try {
    for await (const page of listVersions(client, prefix)) {
      hasVersions = true;
      yield page;
    }
  } catch (error) {
    if (hasVersions || !(isDenied(error) || isUnsupported(error))) throw error;
    yield* listCurrent(client, prefix);
  }
}

async function* listVersions(client: S3Client, prefix: Prefix): AsyncGenerator<Listed[]> {
  let last: ObjectVersion | undefined;
  for await (const { Versions = [] } of versionPages(client, prefix)) {
    // Some servers begin a page with what the one before ended with.
    const [first] = Versions;
    const isRepeated = first?.Key === last?.Key && first?.VersionId === last?.VersionId;
    yield latestOf(isRepeated ? Versions.slice(1) : Versions);
    last = Versions.at(-1) ?? last;
  }
}

function latestOf(versions: readonly ObjectVersion[]): Listed[] {
  return versions
    .filter(({ IsLatest }) => IsLatest === true)
    .map(({ Key = '', Size = 0, ...identity }) => ({ key: Key, bytes: Size, version: versionOf(identity) }));
}

/**
 * Each version of one object, its path left to the caller; the one that is there where a server knows no versions. Who may not
 * list them is not told that there are no others.
 * @throws Transient ACCESS_DENIED, READ_FAILED
 */
export function listVersionsOf(client: S3Client, at: S3Location): Promise<Omit<StoredObject, 'path'>[]> {
  const uri = s3Uri(at);
  return orFail(uri, 'read', async () => {
    try {
      return await allVersionsOf(client, at);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      const current = await headObject(client, at);
      return current === undefined ? [] : [current];
    }
  });
}

async function allVersionsOf(client: S3Client, at: S3Location): Promise<Omit<StoredObject, 'path'>[]> {
  const found = new Map<string | undefined, Omit<StoredObject, 'path'>>();
  for await (const { Versions = [] } of versionPages(client, { Bucket: at.bucket, Prefix: at.key })) {
    for (const { Key, Size = 0, IsLatest, ...identity } of Versions) {
      // Of all keys that begin with it, it comes first.
      if (Key !== at.key) return [...found.values()];
      // What lies below others is not what an ETag pins: that is the one that is there.
      const version = IsLatest === true ? versionOf(identity) : identity.VersionId;
      found.set(version, { uri: s3Uri(at), bytes: Size, ...(version !== undefined && { version }) });
    }
  }
  return [...found.values()];
}

async function* versionPages(client: S3Client, prefix: Prefix): AsyncGenerator<ListObjectVersionsCommandOutput> {
  let next: { readonly KeyMarker?: string; readonly VersionIdMarker?: string | undefined } | undefined = {};
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ ...prefix, ...next }),
    );
    yield page;
    next = nextPage(page);
  }
}

function nextPage({ IsTruncated, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput) {
  if (IsTruncated !== true) return undefined;
  // Objects that are not listed would not be judged.
  if (!NextKeyMarker) throw new Error('the server broke off its listing');
  return { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker };
}

async function* listCurrent(client: S3Client, prefix: Prefix): AsyncGenerator<Listed[]> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, prefix)) {
    yield Contents.map(({ Key = '', Size = 0, ETag }) => ({ key: Key, bytes: Size, version: ETag }));
  }
}

/** As ObjectStore.folders. */
export function listFolders(client: S3Client, root: string): Promise<string[]> {
  const location = rootOf(root);
  const prefix = prefixOf(location);
  const request = { Bucket: location.bucket, Prefix: prefix, Delimiter: '/' };
  return orFail(root, 'read', async () => {
    const names: string[] = [];
    for await (const page of paginateListObjectsV2({ client }, request)) {
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) names.push(Prefix.slice(prefix.length, -1));
    }
    return names.filter((name) => name !== '' && !name.startsWith('.') && !name.startsWith('_')).sort();
  });
}
