import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Tags } from '../object-store.js';
import { type S3Location, s3Uri } from '../s3-uri.js';
import { orFail } from './failure.js';
import { taggedWith } from './tag.js';
import { writeOnce } from './write-once.js';

/** Writes an object unless there is one: then false. @throws BadInput PATH_MISSING (no such bucket); Transient WRITE_FAILED */
export function putNew(client: S3Client, at: S3Location, content: Uint8Array, tags?: Tags): Promise<boolean> {
  return orFail(s3Uri(at), 'write', () => writeOnce(() => putOnce(client, at, content, tags)));
}

/** The same once, in words of the client. */
export async function putOnce(client: S3Client, at: S3Location, content: Uint8Array, tags?: Tags): Promise<void> {
  const object = { Bucket: at.bucket, Key: at.key, Body: content, ContentLength: content.length } as const;
  const put = (tagging: object) =>
    client.send(new PutObjectCommand({ ...object, ...tagging, ChecksumAlgorithm: 'SHA256', IfNoneMatch: '*' }));
  await taggedWith(tags, put);
}
