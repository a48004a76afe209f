import { BadInput } from '../../errors.js';
import type { ObjectStore } from '../object-store.js';
import { nameOfS3, prefixOf, rootOf, type S3Location } from '../s3-uri.js';
import { accessPolicy } from './access-policy.js';
import { connect, SILENCE_MS } from './client.js';
import { copyObject } from './copy.js';
import { listFolderStates } from './folder-states.js';
import { headObject, listAfter, listFolders, listObjects, listVersionsOf } from './list.js';
import { putNew } from './put-new.js';
import { removeBelow, removeObject } from './remove.js';
import { streamObject } from './stream.js';
import { tagObject, tagsOf } from './tag.js';
import { uploadNew } from './upload-new.js';
import { keepsVersions } from './version.js';

/** What no array of bytes can hold on every machine. */
const MOST_BYTES = 2 ** 31;
/** The most that S3 copies in one step. */
const PART_BYTES = 5 * 2 ** 30;
/** What is held of an upload at a time: ten thousand parts, which S3 takes, are 640 GB. */
const UPLOAD_BYTES = 64 * 2 ** 20;

interface Settings {
  /** What is copied in one step. */
  readonly partBytes?: number;
  /** What is uploaded in one step of what comes in pieces. */
  readonly uploadBytes?: number;
  /** How long a server may say nothing before it counts as gone. */
  readonly silenceMs?: number;
  /** Whose credentials of the files of AWS; those that the variables name when left out. */
  readonly profile?: string;
}

/** Objects are those of S3; roots and object URIs are s3://bucket/key, keys as they are. */
export async function openS3Store({
  partBytes = PART_BYTES,
  uploadBytes = UPLOAD_BYTES,
  silenceMs = SILENCE_MS,
  profile,
}: Settings = {}): Promise<ObjectStore> {
  const client = await connect(silenceMs, profile);
  return {
    nameOf: nameOfS3,
    list: (root) => listObjects(client, root),
    refused: () => Promise.resolve([]),
    listAfter: (root, path, most) => listAfter(client, root, path, most),
    read: async (uri, version) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of streamObject(client, uri, version)) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) throw tooLarge(uri);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    stream: (uri, version) => streamObject(client, uri, version),
    fileOf: () => undefined,
    create: (root, path, content) => putNew(client, below(root, path), content),
    createFrom: (root, path, content, sha256, tags) =>
      uploadNew(client, content, { ...below(root, path), sha256, tags, partBytes: uploadBytes }),
    find: async (root, path) => {
      const found = await headObject(client, below(root, path));
      return found && { ...found, path };
    },
    versions: async (root, path) => (await listVersionsOf(client, below(root, path))).map((one) => ({ ...one, path })),
    keepsVersions: (root) => keepsVersions(client, rootOf(root)),
    accessPolicy: (root) => accessPolicy(client, rootOf(root)),
    folders: (root) => listFolders(client, root),
    folderStates: (root) => listFolderStates(client, root),
    copy: (from, root, path, sha256, tags) =>
      copyObject(client, from, { ...below(root, path), sha256, tags, partBytes }),
    tag: (uri, version, tags) => tagObject(client, uri, version, tags),
    tags: (uri, version) => tagsOf(client, uri, version),
    remove: (uri, version) => removeObject(client, uri, version),
    clear: (root) => removeBelow(client, root),
  };
}

function below(root: string, path: string): S3Location {
  const location = rootOf(root);
  return { bucket: location.bucket, key: `${prefixOf(location)}${path}` };
}

function tooLarge(uri: string): BadInput {
  const detail = 'it is larger than 2 GiB; split it into smaller shards';
  return new BadInput('SHARD_UNREADABLE', { path: uri, format: 'one shard', detail });
}
