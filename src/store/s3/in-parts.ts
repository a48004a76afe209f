import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Tags } from '../object-store.js';
import type { S3Location } from '../s3-uri.js';
import { taggedWith } from './tag.js';

/** What is to be there. */
export interface Target extends S3Location {
  readonly sha256: string;
  readonly tags: Tags | undefined;
  readonly partBytes: number;
}

/** What each part says it belongs to. */
export interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

/**
 * Makes an object of the parts that `fill` sends; nothing is left of them where it throws. The very last step is what makes an
 * object of them, and what is refused where there is one: as isUnmet tells.
 */
export async function writeInParts(
  client: S3Client,
  to: Target,
  properties: object,
  fill: (upload: Upload) => Promise<CompletedPart[]>,
): Promise<CompleteMultipartUploadCommandOutput> {
  const target = { Bucket: to.bucket, Key: to.key };
  const begin = (tagging: object) =>
    client.send(new CreateMultipartUploadCommand({ ...target, ...properties, ...tagging }));
  const upload = { ...target, UploadId: (await taggedWith(to.tags, begin)).UploadId };
  try {
    const MultipartUpload = { Parts: await fill(upload) };
    return await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, IfNoneMatch: '*' }));
  } catch (error) {
    // What cannot be cleared away is no data, and buckets clear it by rule.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}
