import { type CompletedPart, HeadObjectCommand, type S3Client, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import type { StoredObject } from '../object-store.js';
import { isETag, parseS3Uri, s3Uri } from '../s3-uri.js';
import { requireDigest, sha256Of, sha256OfAll } from '../sha256.js';
import { orFail, toChanged } from './failure.js';
import { type Target, type Upload, writeInParts } from './in-parts.js';
import { putNew } from './put-new.js';
import { removeObject } from './remove.js';
import { streamObject } from './stream.js';
import { pinnedTo, versionOf } from './version.js';
import { writeOnce } from './write-once.js';

type Source = Pick<StoredObject, 'uri' | 'version'>;

interface Copying {
  readonly from: Source;
  readonly bytes: number;
  readonly to: Target;
  /** It was itself uploaded in parts: then some servers tell the digest of its parts' digests as that of a copy. */
  readonly isOfParts: boolean;
}

/**
 * As ObjectStore.copy. In parts even where one will do: only the last step of an upload in parts is refused everywhere
 * where something is there, and before it the server tells the digest of what it took.
 */
export async function copyObject(client: S3Client, from: Source, to: Target): Promise<boolean> {
  const { bucket, key } = parseS3Uri(from.uri);
  const source = { Bucket: bucket, Key: key, ...pinnedTo(from.version) };
  const toHead = () => client.send(new HeadObjectCommand(source)).catch(toChanged(from.uri));
  const head = await orFail(from.uri, 'read', toHead);
  const pinned = { uri: from.uri, version: from.version ?? versionOf(head) } as Source;
  const copying = { from: pinned, bytes: head.ContentLength ?? 0, to, isOfParts: isOfParts(head) };
  // An upload takes no empty part.
  if (copying.bytes === 0) return copyEmpty(client, copying);
  const { ContentType, Metadata } = head;
  return orFail(s3Uri(to), 'write', () => writeOnce(() => copyInParts(client, copying, { ContentType, Metadata })));
}

async function copyEmpty(client: S3Client, { to }: Copying): Promise<boolean> {
  requireDigest(s3Uri(to), sha256Of(''), to.sha256);
  return putNew(client, to, new Uint8Array(0), to.tags);
}

async function copyInParts(client: S3Client, copying: Copying, properties: object): Promise<void> {
  const { to } = copying;
  const algorithm = copying.isOfParts ? {} : ({ ChecksumAlgorithm: 'SHA256' } as const);
  let isProven = false;
  const completed = await writeInParts(client, to, { ...properties, ...algorithm }, async (upload) => {
    const parts = await copyParts(client, upload, copying);
    const told = parts.length === 1 ? await digestOf(client, copying, parts[0]) : undefined;
    isProven = told !== undefined;
    if (told !== undefined) requireDigest(s3Uri(to), told, to.sha256);
    return parts;
  });
  if (!isProven) await verifyCopy(client, copying, versionOf(completed));
}

function isOfParts({ ETag = '' }: { readonly ETag?: string | undefined }): boolean {
  return /-\d+"$/.test(ETag);
}

/** What is copied is pinned, so its own digest is that of the copy; undefined where the server tells none. */
async function digestOf(client: S3Client, copying: Copying, part: CompletedPart | undefined) {
  if (copying.isOfParts) return readDigest(client, copying.from);
  const told = part?.ChecksumSHA256;
  return told === undefined ? undefined : Buffer.from(told, 'base64').toString('hex');
}

function readDigest(
  client: S3Client,
  { uri, version }: { readonly uri: string; readonly version?: string | undefined },
): Promise<string> {
  return sha256OfAll(streamObject(client, uri, version));
}

async function copyParts(
  client: S3Client,
  upload: Upload,
  { from, bytes, to: { partBytes } }: Copying,
): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  for (let start = 0; start < bytes; start += partBytes) {
    const PartNumber = parts.length + 1;
    const range =
      bytes > partBytes ? { CopySourceRange: `bytes=${start}-${Math.min(start + partBytes, bytes) - 1}` } : {};
    const { CopyPartResult } = await client
      .send(new UploadPartCopyCommand({ ...upload, ...copySource(from), ...range, PartNumber }))
      .catch(toChanged(from.uri));
    parts.push({ PartNumber, ETag: CopyPartResult?.ETag, ChecksumSHA256: CopyPartResult?.ChecksumSHA256 });
  }
  return parts;
}

/** The one place where a key is escaped by us: it travels as a header. */
function copySource({ uri, version }: Source) {
  const { bucket, key } = parseS3Uri(uri);
  const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
  if (version === undefined) return { CopySource: path };
  return isETag(version)
    ? { CopySource: path, CopySourceIfMatch: version }
    : { CopySource: `${path}?versionId=${encodeURIComponent(version)}` };
}

/** Of an upload in several parts no server tells the SHA-256 of the whole. */
async function verifyCopy(client: S3Client, { to }: Copying, version: string | undefined): Promise<void> {
  try {
    requireDigest(s3Uri(to), await readDigest(client, { uri: s3Uri(to), version }), to.sha256);
  } catch (error) {
    await removeObject(client, s3Uri(to), version);
    throw error;
  }
}
