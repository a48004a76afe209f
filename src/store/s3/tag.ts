import { GetObjectTaggingCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Tags } from '../object-store.js';
import { isETag, parseS3Uri } from '../s3-uri.js';
import { isNotUnderstood, isUnsupported, orFail } from './failure.js';
import { requireCurrent } from './remove.js';

/** Makes an object that has tags from its first moment on, without them where the server knows none. */
export async function taggedWith<T>(tags: Tags | undefined, make: (tagging: object) => Promise<T>): Promise<T> {
  if (tags === undefined) return make({});
  try {
    return await make({ Tagging: new URLSearchParams(tags).toString() });
  } catch (error) {
    if (!isNotUnderstood(error)) throw error;
    return make({});
  }
}

/** As ObjectStore.tag. */
export function tagObject(client: S3Client, uri: string, version: string | undefined, tags: Tags): Promise<boolean> {
  const { bucket, key } = parseS3Uri(uri);
  return orFail(uri, 'write', async () => {
    const isId = version !== undefined && !isETag(version);
    // Tags go by version ids only.
    if (version !== undefined && !isId) await requireCurrent(client, uri, version);
    const object = { Bucket: bucket, Key: key, ...(isId && { VersionId: version }) };
    const known = await client.send(new GetObjectTaggingCommand(object)).catch((error: unknown) => {
      if (isUnsupported(error)) return undefined;
      throw error;
    });
    if (known === undefined) return false;
    const { TagSet = [] } = known;
    const others = TagSet.filter(({ Key = '' }) => !(Key in tags));
    const added = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await client.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [...others, ...added] } }));
    return true;
  });
}
