import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type S3Location, s3Uri } from '../s3-uri.js';
import { isConflict, isUnmet, orFail } from './failure.js';

/** Two writers of one name may stop each other; then one of them is to go on. */
const MOST_CONFLICTS = 5;

/** Writes an object unless there is one: then false. @throws BadInput PATH_MISSING (no such bucket); Transient WRITE_FAILED */
export function putNew(client: S3Client, at: S3Location, content: Uint8Array): Promise<boolean> {
  const request = { Bucket: at.bucket, Key: at.key, Body: content, ContentLength: content.length } as const;
  return orFail(s3Uri(at), 'write', async () => {
    for (let conflicts = 1; ; conflicts++) {
      try {
        await client.send(new PutObjectCommand({ ...request, ChecksumAlgorithm: 'SHA256', IfNoneMatch: '*' }));
        return true;
      } catch (error) {
        if (isUnmet(error)) return false;
        if (!isConflict(error) || conflicts >= MOST_CONFLICTS) throw error;
      }
    }
  });
}
