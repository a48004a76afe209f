/** Names and values by which rules of a store tell objects apart. */
export type Tags = Readonly<Record<string, string>>;

/** The value that a tag is to have; null takes it away. */
export type TagChanges = Readonly<Record<string, string | null>>;

/** One object below a root. */
export interface StoredObject {
  /** Within the root, parts joined by '/'. */
  readonly path: string;
  /** Where the store finds it again. */
  readonly uri: string;
  readonly bytes: number;
  /** Names this very content where the store keeps several (S3: version id, else ETag in quotes); undefined for files. */
  readonly version?: string;
}

/** What lies below a root like an object, and may not be read: whoever trains on the folder might read it all the same. */
export interface RefusedObject {
  readonly path: string;
  readonly uri: string;
  readonly why: string;
}

/** A first path segment below a root, and what is listed below it now. */
export interface FolderState {
  readonly name: string;
  /** The same while nothing is added, replaced or taken away; undefined where it cannot be listed. */
  readonly state: string | undefined;
}

/**
 * Where shards and ledgers lie: the only way by which any stage reaches them. Where READ_FAILED or WRITE_FAILED is thrown, so
 * is Transient STORE_UNREACHABLE: nothing answers.
 */
export interface ObjectStore {
  /** The last part of a root's name, whatever way the root was written. */
  nameOf(root: string): string;

  /**
   * The objects below a folder, or the one file that `root` is, by path in code-unit order.
   * @throws BadInput PATH_MISSING; Transient READ_FAILED
   */
  list(root: string): Promise<StoredObject[]>;

  /**
   * What `list` leaves out because it may not be read: of a folder, or among what a pattern matches; none in S3, or where the
   * folder is missing.
   * @throws Transient READ_FAILED
   */
  refused(root: string): Promise<RefusedObject[]>;

  /**
   * The first `most` objects below a folder whose paths come after `path`, in their order; none where the folder is missing.
   * One request of S3 however many there are; the names in the folder of files. @throws Transient READ_FAILED
   */
  listAfter(root: string, path: string, most: number): Promise<StoredObject[]>;

  /**
   * The object, or that version of it.
   * @throws Transient READ_FAILED; BadInput SHARD_UNREADABLE where the object is too large for memory
   */
  read(uri: string, version?: string): Promise<Uint8Array>;

  /** The same bytes as they come in. @throws Transient READ_FAILED, also where that version is there no more */
  stream(uri: string, version?: string): AsyncIterable<Uint8Array>;

  /** The file on this machine that the object is; undefined where it lies elsewhere. */
  fileOf(uri: string): string | undefined;

  /**
   * Makes a new object below a root, whole or not at all, and the root where it is missing. False, and nothing is
   * written, where an object of that name is there: of several writers at once one makes it.
   * @throws Transient WRITE_FAILED
   */
  create(root: string, path: string, content: Uint8Array): Promise<boolean>;

  /**
   * As create, of what comes in pieces and may be larger than memory; `content` is opened anew where another writer is in the
   * way. @throws Transient COPY_CHANGED where its SHA-256 is not `sha256`: then nothing is there; WRITE_FAILED, what `content` throws
   */
  createFrom(
    root: string,
    path: string,
    content: () => AsyncIterable<Uint8Array>,
    sha256: string,
    tags?: Tags,
  ): Promise<boolean>;

  /** One object by its path below a root, hidden ones and markers too; undefined where there is none. @throws Transient READ_FAILED */
  find(root: string, path: string): Promise<StoredObject | undefined>;

  /**
   * Each version that is kept of one object, also below others or a mark that it was removed; where the store keeps one, or
   * does not tell of others, the one that is there. @throws Transient READ_FAILED
   */
  versions(root: string, path: string): Promise<StoredObject[]>;

  /**
   * Whether what is written over, or removed, below a root is kept, as its bucket says; undefined where a store knows no
   * such thing, as files. @throws BadInput PATH_MISSING; Transient ACCESS_DENIED, READ_FAILED
   */
  keepsVersions(root: string): Promise<boolean | undefined>;

  /**
   * What the bucket of a root allows and denies by itself, as JSON; null where it has no such policy, undefined where the store
   * knows none, as files. @throws BadInput PATH_MISSING; Transient ACCESS_DENIED, READ_FAILED
   */
  accessPolicy(root: string): Promise<string | null | undefined>;

  /** Names of the first path segments below a root, without hidden ones and markers, in code-unit order. @throws Transient READ_FAILED */
  folders(root: string): Promise<string[]>;

  /**
   * The same folders, each with its state, from one listing of the root: S3 tells a thousand objects a request, and one
   * folder at a time is in memory. @throws Transient READ_FAILED
   */
  folderStates(root: string): AsyncIterable<FolderState>;

  /**
   * Copies the very version on the store's side, never over another: false where something of that name is there. Of tags
   * the copy has `tags` from its first moment on, where the store has any, and none of the original.
   * @throws Transient COPY_CHANGED where the copy's SHA-256 is not `sha256`: then nothing is there; READ_FAILED, WRITE_FAILED
   */
  copy(
    from: { readonly uri: string; readonly version?: string },
    root: string,
    path: string,
    sha256: string,
    tags?: Tags,
  ): Promise<boolean>;

  /**
   * Adds tags to the object, or that version of it, beside those it has, for rules of the store to go by; false where the
   * store has none, as files. @throws Transient READ_FAILED, WRITE_FAILED
   */
  tag(uri: string, version: string | undefined, tags: TagChanges): Promise<boolean>;

  /** What tags it has; undefined where the store has none. @throws Transient READ_FAILED */
  tags(uri: string, version: string | undefined): Promise<Tags | undefined>;

  /** Removes the object, or that version of it; nothing where it is gone. @throws Transient WRITE_FAILED */
  remove(uri: string, version?: string): Promise<void>;

  /** Removes all that lies below a folder as it is now, hidden ones and markers too; nothing where it is gone. @throws Transient WRITE_FAILED */
  clear(root: string): Promise<void>;
}
