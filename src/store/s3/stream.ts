import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parseS3Uri } from '../s3-uri.js';
import { explainFailure, orFail, toChanged } from './failure.js';
import { pinnedTo, versionOf } from './version.js';

interface Progress {
  /** Of this version is all that is read, or a part of another object could follow the first. */
  pin: string | undefined;
  readBytes: number;
  bytes: number;
}

/** As ObjectStore.stream; a connection that breaks is taken up where it broke, as often as requests are tried at all. */
export async function* streamObject(client: S3Client, uri: string, version?: string): AsyncGenerator<Uint8Array> {
  const most = await client.config.maxAttempts();
  const progress: Progress = { pin: version, readBytes: 0, bytes: Number.POSITIVE_INFINITY };
  for (let broken = 0; progress.readBytes < progress.bytes; ) {
    const body = await open(client, uri, progress);
    const before = progress.readBytes;
    try {
      for await (const chunk of body) {
        progress.readBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      broken = progress.readBytes > before ? 1 : broken + 1;
      // What fails after the last byte is the checksum, and those bytes are handed on already.
      if (broken >= most || progress.readBytes >= progress.bytes) throw explainFailure(error, uri, 'read');
    }
  }
}

/** The rest of the object. */
async function open(client: S3Client, uri: string, progress: Progress): Promise<Readable> {
  const { bucket, key } = parseS3Uri(uri);
  const Range = progress.readBytes > 0 ? { Range: `bytes=${progress.readBytes}-` } : {};
  const request = { Bucket: bucket, Key: key, ...pinnedTo(progress.pin), ...Range };
  const response = await orFail(uri, 'read', () => client.send(new GetObjectCommand(request)).catch(toChanged(uri)));
  progress.pin ??= versionOf(response);
  progress.bytes = progress.readBytes + (response.ContentLength ?? 0);
  return response.Body as Readable;
}
