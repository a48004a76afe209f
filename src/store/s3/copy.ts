import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Transient } from '../../errors.js';
import type { StoredObject, Tags } from '../object-store.js';
import { isETag, parseS3Uri, type S3Location, s3Uri } from '../s3-uri.js';
import { orFail, toChanged } from './failure.js';
import { putNew } from './put-new.js';
import { removeObject } from './remove.js';
import { streamObject } from './stream.js';
import { taggedWith } from './tag.js';
import { pinnedTo, versionOf } from './version.js';
import { writeOnce } from './write-once.js';

type Source = Pick<StoredObject, 'uri' | 'version'>;

/** What is to be there. */
interface Target extends S3Location {
  readonly sha256: string;
  readonly tags: Tags | undefined;
  readonly partBytes: number;
}

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
  requireDigest(createHash('sha256').digest('hex'), to);
  return putNew(client, to, new Uint8Array(0), to.tags);
}

function requireDigest(actual: string, to: Target): void {
  const { sha256: expected } = to;
  if (actual !== expected) throw new Transient('COPY_CHANGED', { path: s3Uri(to), actual, expected });
}

/** The very last step is what makes an object of it, and what is refused where there is one. */
async function copyInParts(client: S3Client, copying: Copying, properties: object): Promise<void> {
  const { to } = copying;
  const target = { Bucket: to.bucket, Key: to.key };
  const algorithm = copying.isOfParts ? {} : ({ ChecksumAlgorithm: 'SHA256' } as const);
  const begin = (tagging: object) =>
    client.send(new CreateMultipartUploadCommand({ ...target, ...properties, ...algorithm, ...tagging }));
  const begun = await taggedWith(to.tags, begin);
  const upload = { ...target, UploadId: begun.UploadId };
  try {
    const parts = await copyParts(client, upload, copying);
    const told = parts.length === 1 ? await digestOf(client, copying, parts[0]) : undefined;
    if (told !== undefined) requireDigest(told, to);
    const complete = { ...upload, MultipartUpload: { Parts: parts }, IfNoneMatch: '*' };
    const completed = await client.send(new CompleteMultipartUploadCommand(complete));
    if (told === undefined) await verifyCopy(client, copying, versionOf(completed));
  } catch (error) {
    // What cannot be cleared away is no data, and buckets clear it by rule.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
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

async function readDigest(
  client: S3Client,
  { uri, version }: { readonly uri: string; readonly version?: string | undefined },
): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of streamObject(client, uri, version)) digest.update(chunk);
  return digest.digest('hex');
}

async function copyParts(
  client: S3Client,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
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
    requireDigest(await readDigest(client, { uri: s3Uri(to), version }), to);
  } catch (error) {
    await removeObject(client, s3Uri(to), version);
    throw error;
  }
}
