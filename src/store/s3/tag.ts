import { GetObjectTaggingCommand, PutObjectTaggingCommand, type S3Client, type Tag } from '@aws-sdk/client-s3';
import type { TagChanges, Tags } from '../object-store.js';
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
export function tagObject(
  client: S3Client,
  uri: string,
  version: string | undefined,
  tags: TagChanges,
): Promise<boolean> {
  return orFail(uri, 'write', async () => {
    // Tags go by version ids only.
    if (version !== undefined && isETag(version)) await requireCurrent(client, uri, version);
    const object = taggable(uri, version);
    const known = await readTags(client, object);
    if (known === undefined) return false;
    const others = known.filter(({ Key = '' }) => !(Key in tags));
    const added = Object.entries(tags).flatMap(([Key, Value]) => (Value === null ? [] : [{ Key, Value }]));
    await client.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [...others, ...added] } }));
    return true;
  });
}

/** As ObjectStore.tags. */
export function tagsOf(client: S3Client, uri: string, version: string | undefined): Promise<Tags | undefined> {
  return orFail(uri, 'read', async () => {
    const known = await readTags(client, taggable(uri, version));
    return known && Object.fromEntries(known.map(({ Key = '', Value = '' }) => [Key, Value]));
  });
}

function taggable(uri: string, version: string | undefined) {
  const { bucket, key } = parseS3Uri(uri);
  const isId = version !== undefined && !isETag(version);
  return { Bucket: bucket, Key: key, ...(isId && { VersionId: version }) };
}

/** Undefined where the server knows none. */
async function readTags(client: S3Client, object: ReturnType<typeof taggable>): Promise<Tag[] | undefined> {
  try {
    const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(object));
    return TagSet;
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}
