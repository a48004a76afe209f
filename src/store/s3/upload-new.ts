import { createHash } from 'node:crypto';
import { type CompletedPart, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { s3Uri } from '../s3-uri.js';
import { requireDigest, sha256Of } from '../sha256.js';
import { orFail } from './failure.js';
import { type Target, writeInParts } from './in-parts.js';
import { putNew } from './put-new.js';
import { writeOnce } from './write-once.js';

/** As ObjectStore.createFrom: in one step what fits into a part, else part after part. One part is in memory. */
export async function uploadNew(
  client: S3Client,
  content: () => AsyncIterable<Uint8Array>,
  to: Target,
): Promise<boolean> {
  const [only, isMore] = await firstPart(content(), to.partBytes);
  if (!isMore) {
    requireDigest(s3Uri(to), sha256Of(only), to.sha256);
    return putNew(client, to, only, to.tags);
  }
  return orFail(s3Uri(to), 'write', () => writeOnce(() => uploadInParts(client, content(), to)));
}

async function firstPart(content: AsyncIterable<Uint8Array>, partBytes: number): Promise<[Uint8Array, boolean]> {
  const parts = partsOf(content, partBytes);
  try {
    const { value: first = Buffer.alloc(0) } = await parts.next();
    return [first, (await parts.next()).done !== true];
  } finally {
    await parts.return(undefined);
  }
}

async function uploadInParts(client: S3Client, content: AsyncIterable<Uint8Array>, to: Target): Promise<void> {
  const digest = createHash('sha256');
  const ChecksumAlgorithm = 'SHA256' as const;
  await writeInParts(client, to, { ChecksumAlgorithm }, async (upload) => {
    const parts: CompletedPart[] = [];
    for await (const Body of partsOf(content, to.partBytes)) {
      const PartNumber = parts.length + 1;
      digest.update(Body);
      const sent = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm }));
      parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256: sent.ChecksumSHA256 });
    }
    requireDigest(s3Uri(to), digest.digest('hex'), to.sha256);
    return parts;
  });
}

/** Of so many bytes each but the last one, which is not empty. */
async function* partsOf(content: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length; ) {
      const piece = chunk.subarray(from, from + partBytes - bytes);
      from += piece.length;
      bytes += piece.length;
      chunks.push(piece);
      if (bytes < partBytes) continue;
      yield Buffer.concat(chunks);
      [chunks, bytes] = [[], 0];
    }
  }
  if (bytes > 0) yield Buffer.concat(chunks);
}
