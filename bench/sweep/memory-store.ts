import { fileStore, type ObjectStore, type StoredObject, stateOf } from '../../src/store/index.js';

/** Folder → name → what it is. */
type Tree = Map<string, Tree | Uint8Array>;

/** A store that costs no time, so that what is asked of it can be told from what it takes. */
export function memoryStore(): ObjectStore {
  const top: Tree = new Map();
  const at = (uri: string) =>
    uri
      .split('/')
      .filter(Boolean)
      .reduce<Tree | Uint8Array | undefined>((tree, name) => (tree instanceof Map ? tree.get(name) : undefined), top);
  const list = (root: string): StoredObject[] => {
    const tree = at(root);
    return tree instanceof Map ? objectsIn(tree, root, '') : [];
  };
  const folders = (root: string): string[] => {
    const tree = at(root);
    return tree instanceof Map ? [...tree].flatMap(([name, one]) => (one instanceof Map ? [name] : [])) : [];
  };
  return {
    ...fileStore,
    list: async (root) => list(root),
    read: async (uri) => at(uri) as Uint8Array,
    folders: async (root) => folders(root),
    folderStates: async function* (root) {
      for (const name of folders(root)) yield { name, state: stateOf(list(`${root}/${name}`)) };
    },
    find: async (root, path) => {
      const content = at(`${root}/${path}`);
      return content instanceof Uint8Array ? { path, uri: `${root}/${path}`, bytes: content.length } : undefined;
    },
    create: async (root, path, content) => {
      const names = `${root}/${path}`.split('/').filter(Boolean);
      const last = names.pop() ?? '';
      let tree = top;
      for (const name of names) {
        if (!tree.has(name)) tree.set(name, new Map());
        tree = tree.get(name) as Tree;
      }
      if (tree.has(last)) return false;
      tree.set(last, content);
      return true;
    },
  };
}

function objectsIn(tree: Tree, root: string, prefix: string): StoredObject[] {
  return [...tree].flatMap(([name, one]) =>
    one instanceof Map
      ? objectsIn(one, root, `${prefix}${name}/`)
      : [{ path: prefix + name, uri: `${root}/${prefix}${name}`, bytes: one.length }],
  );
}
