import { fileStore } from './file.js';
import type { ObjectStore } from './object-store.js';
import { isS3Uri, nameOfS3 } from './s3-uri.js';

let s3: Promise<ObjectStore> | undefined;

/** Loaded when first needed: the client of S3 takes longer to load than all of a small scan. */
function storeOf(uri: string): ObjectStore | Promise<ObjectStore> {
  if (!isS3Uri(uri)) return fileStore;
  s3 ??= import('./s3/s3-store.js').then(({ openS3Store }) => openS3Store());
  return s3;
}

/** Objects of S3 as another profile of the files of AWS may reach them. */
export async function s3StoreAs(profile: string): Promise<ObjectStore> {
  return (await import('./s3/s3-store.js')).openS3Store({ profile });
}

/** True where another process can be given the objects, as files or copies; other stores exist in this process alone. */
export function isShared(store: ObjectStore): boolean {
  return store === fileStore || store === anyStore;
}

/** Objects are those of S3 where roots and URIs begin with s3://, else files. */
export const anyStore: ObjectStore = {
  nameOf: (root) => (isS3Uri(root) ? nameOfS3(root) : fileStore.nameOf(root)),
  fileOf: (uri) => (isS3Uri(uri) ? undefined : fileStore.fileOf(uri)),
  list: async (root) => (await storeOf(root)).list(root),
  refused: async (root) => (await storeOf(root)).refused(root),
  listAfter: async (root, path, most) => (await storeOf(root)).listAfter(root, path, most),
  read: async (uri, version) => (await storeOf(uri)).read(uri, version),
  stream: async function* (uri, version) {
    yield* (await storeOf(uri)).stream(uri, version);
  },
  create: async (root, path, content) => (await storeOf(root)).create(root, path, content),
  createFrom: async (root, path, content, sha256, tags) =>
    (await storeOf(root)).createFrom(root, path, content, sha256, tags),
  find: async (root, path) => (await storeOf(root)).find(root, path),
  versions: async (root, path) => (await storeOf(root)).versions(root, path),
  keepsVersions: async (root) => (await storeOf(root)).keepsVersions(root),
  accessPolicy: async (root) => (await storeOf(root)).accessPolicy(root),
  folderStates: async function* (root) {
    yield* (await storeOf(root)).folderStates(root);
  },
  folders: async (root) => (await storeOf(root)).folders(root),
  copy: async (from, root, path, sha256, tags) => {
    const [source, target] = [await storeOf(from.uri), await storeOf(root)];
    if (source === target) return target.copy(from, root, path, sha256, tags);
    return target.createFrom(root, path, () => source.stream(from.uri, from.version), sha256, tags);
  },
  tag: async (uri, version, tags) => (await storeOf(uri)).tag(uri, version, tags),
  tags: async (uri, version) => (await storeOf(uri)).tags(uri, version),
  remove: async (uri, version) => (await storeOf(uri)).remove(uri, version),
  clear: async (root) => (await storeOf(root)).clear(root),
};
