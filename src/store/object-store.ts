/** One object below a root. */
export interface StoredObject {
  /** Within the root, parts joined by '/'. */
  readonly path: string;
  /** Where the store finds it again. */
  readonly uri: string;
  readonly bytes: number;
}

/** Where shards and ledgers lie: the only way by which any stage reaches them. */
export interface ObjectStore {
  /** The last part of a root's name, whatever way the root was written. */
  nameOf(root: string): string;

  /**
   * The objects below a folder, or the one file that `root` is, by path in code-unit order.
   * @throws BadInput PATH_MISSING; Transient READ_FAILED
   */
  list(root: string): Promise<StoredObject[]>;

  /** One object by its path below a root, markers too; undefined where there is none. @throws Transient READ_FAILED */
  find(root: string, path: string): Promise<StoredObject | undefined>;

  /** @throws Transient READ_FAILED; BadInput SHARD_UNREADABLE where the object is too large for memory */
  read(uri: string): Promise<Uint8Array>;

  /**
   * Makes a new object below a root, whole or not at all, and the root where it is missing. False, and nothing is
   * written, where an object of that name is there: of several writers at once one makes it.
   * @throws Transient WRITE_FAILED
   */
  create(root: string, path: string, content: Uint8Array): Promise<boolean>;
}
