import type { Selection } from './selection.js';
import type { Finding } from './types.js';

/** A finding that a test made, with what it holds and which rows it speaks of. */
export interface Named {
  readonly finding: Finding;
  /** Holds every shard that nothing else has condemned. */
  readonly isWholeBatch: boolean;
  readonly shards: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly selections: readonly Selection[];
}
