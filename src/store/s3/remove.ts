import {
  type _Error as DeleteError,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Transient } from '../../errors.js';
import { mapAtOnce } from '../at-once.js';
import { isUnknownVersion } from '../gone.js';
import { isETag, parseS3Uri, prefixOf, rootOf, s3Uri } from '../s3-uri.js';
import { isDenied, isGone, isNotUnderstood, isUnmet, orFail, toldOf } from './failure.js';
import { headObject, type Listed, listedPages } from './list.js';
import { pinnedTo } from './version.js';

/** As ObjectStore.remove. */
export function removeObject(client: S3Client, uri: string, version?: string): Promise<void> {
  const { bucket, key } = parseS3Uri(uri);
  return orFail(uri, 'write', async () => {
    if (version !== undefined && isETag(version)) await requireCurrent(client, uri, version);
    const request = { Bucket: bucket, Key: key, ...pinnedTo(version) };
    await client.send(new DeleteObjectCommand(request)).catch(async (error: unknown) => {
      // Of two who remove it at once one finds nothing.
      if (isUnmet(error) && (await headObject(client, { bucket, key })) === undefined) return;
      if (isUnmet(error)) throw changed(uri, error);
      if (!isGone(error) && !(version !== undefined && isUnknownVersion(error))) throw error;
    });
  });
}

/** As ObjectStore.clear. */
export function removeBelow(client: S3Client, root: string): Promise<void> {
  const location = rootOf(root);
  const { bucket } = location;
  return orFail(root, 'write', async () => {
    const pages: Listed[][] = [];
    // Some servers list nothing after a version that is there no more (versitygw): listed to the end first.
    for await (const page of listedPages(client, { Bucket: bucket, Prefix: prefixOf(location) })) pages.push(page);
    const failures: unknown[] = [];
    for (const page of pages) failures.push(...(await removeListed(client, bucket, page)));
    if (failures.length > 0) throw failures[0];
  });
}

interface Removable {
  readonly key: string;
  readonly id: string | undefined;
}

/**
 * In one request, which takes as many as a page holds; one by one where the server does not take it, a key fits into no XML or
 * fails in it. What keeps some from being removed keeps no other: why, for each of them.
 */
async function removeListed(client: S3Client, bucket: string, page: readonly Listed[]): Promise<unknown[]> {
  const listed = page.map(({ key, version }) => {
    // With its id a version is gone, and not only hidden; objects without ids have but one.
    const id = version === undefined || isETag(version) ? undefined : version;
    return { key, id };
  });
  if (listed.length === 0) return [];
  const Objects = listed.map(({ key, id }) => ({ Key: key, ...(id !== undefined && { VersionId: id }) }));
  const request = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
  try {
    const { Errors = [] } = await client.send(request);
    return await removeFailed(client, bucket, listed, Errors);
  } catch (error) {
    if (!isNotUnderstood(error)) throw error;
    return await removeEach(client, bucket, listed);
  }
}

/** Tries those again of which something else is said than that they may not be removed. */
async function removeFailed(
  client: S3Client,
  bucket: string,
  listed: readonly Removable[],
  errors: readonly DeleteError[],
): Promise<unknown[]> {
  const told = errors.map((error) => ({ key: error.Key, failure: toldOf(error) }));
  const failed = told.filter(({ failure }) => !isGone(failure) && !isUnknownVersion(failure));
  const byKey = new Map(listed.map((one) => [one.key, one]));
  const mayBeTried = ({ key = '', failure }: (typeof told)[number]) => byKey.has(key) && !isDenied(failure);
  const again = failed.filter(mayBeTried).flatMap(({ key = '' }) => byKey.get(key) ?? []);
  const final = failed.filter((one) => !mayBeTried(one)).map(({ failure }) => failure);
  return [...final, ...(await removeEach(client, bucket, again))];
}

async function removeEach(client: S3Client, bucket: string, listed: readonly Removable[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  await mapAtOnce(listed, ({ key, id }) =>
    removeObject(client, s3Uri({ bucket, key }), id).catch((error: unknown) => void failures.push(error)),
  );
  return failures;
}

/** For what no condition of a request holds on every server. @throws Transient WRITE_FAILED where it is another by now */
export async function requireCurrent(client: S3Client, uri: string, version: string): Promise<void> {
  const now = await headObject(client, parseS3Uri(uri));
  if (now !== undefined && now.version !== version) throw changed(uri);
}

function changed(uri: string, cause?: unknown): Transient {
  return new Transient('WRITE_FAILED', { path: uri, detail: 'it has changed since, so it is left as it is' }, cause);
}
