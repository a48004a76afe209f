import { type CompletedPart, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { s3Uri } from '../s3-uri.js';
import { digested, requireDigest } from '../sha256.js';
import { orFail } from './failure.js';
import { type Target, writeInParts } from './in-parts.js';
import { putOnce } from './put-new.js';
import { writeOnce } from './write-once.js';

/** As ObjectStore.createFrom: in one step what fits into a part, else part after part. One part is in memory. */
export function uploadNew(client: S3Client, content: () => AsyncIterable<Uint8Array>, to: Target): Promise<boolean> {
  const upload = async () => {
    const { chunks, sha256 } = digested(content());
    const parts = partsOf(chunks, to.partBytes);
    try {
      await uploadParts(client, parts, to, () => requireDigest(s3Uri(to), sha256(), to.sha256));
    } finally {
      await parts.return();
    }
  };
  return orFail(s3Uri(to), 'write', () => writeOnce(upload));
}

/** What there is must be what it is to be before an object is made of it: `requireWhole` is called after the last part came. */
async function uploadParts(
  client: S3Client,
  parts: AsyncGenerator<Part, void>,
  to: Target,
  requireWhole: () => void,
): Promise<void> {
  let { value: part } = await parts.next();
  if (part?.isLast) {
    requireWhole();
    return putOnce(client, to, part.bytes, to.tags);
  }
  const ChecksumAlgorithm = 'SHA256' as const;
  await writeInParts(client, to, { ChecksumAlgorithm }, async (upload) => {
    const sent: CompletedPart[] = [];
    for (; part; { value: part } = await parts.next()) {
      const [PartNumber, Body] = [sent.length + 1, part.bytes];
      const { ETag, ChecksumSHA256 } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm }),
      );
      sent.push({ PartNumber, ETag, ChecksumSHA256 });
    }
    requireWhole();
    return sent;
  });
}

/** Some of the bytes of an object. */
interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** Of so many bytes each but the last one; at least one. */
async function* partsOf(content: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Part, void> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length; ) {
      if (bytes === partBytes) {
        yield { bytes: Buffer.concat(chunks), isLast: false };
        [chunks, bytes] = [[], 0];
      }
      const piece = chunk.subarray(from, from + partBytes - bytes);
      from += piece.length;
      bytes += piece.length;
      chunks.push(piece);
    }
  }
  yield { bytes: Buffer.concat(chunks), isLast: true };
}
