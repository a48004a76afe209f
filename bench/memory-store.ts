import { type Table, tableToIPC } from 'apache-arrow';
import { fileStore, type ObjectStore } from '../src/store/index.js';

/** Objects in memory, to scan what is in no file. What writes goes where files go. */
export function memoryStore(objects: ReadonlyMap<string, Uint8Array>): ObjectStore {
  const contentOf = (uri: string) => objects.get(uri) ?? new Uint8Array(0);
  return {
    ...fileStore,
    nameOf: (root) => root,
    fileOf: () => undefined,
    list: async (root) =>
      [...objects]
        .filter(([uri]) => uri === root || uri.startsWith(`${root}/`))
        .map(([uri, { length }]) => ({ path: uri.slice(root.length + 1) || uri, uri, bytes: length }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    find: async (root, path) => {
      const uri = `${root}/${path}`;
      const bytes = objects.get(uri)?.length;
      return bytes === undefined ? undefined : { path, uri, bytes };
    },
    read: async (uri) => contentOf(uri),
    stream: async function* (uri) {
      yield contentOf(uri);
    },
  };
}

export function arrowBytes(table: Table): Uint8Array {
  return tableToIPC(table, 'file');
}
