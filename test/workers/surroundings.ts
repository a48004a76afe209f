import { join } from 'node:path';
import type { JobQueue } from '../../src/queue/index.js';
import { fileStore } from '../../src/store/index.js';
import { openSpool } from '../../workers/spool.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { takeTurns } from '../../workers/turns.js';
import { openWorkbenches } from '../../workers/workbench.js';

const SPOOL_BYTES = 2 ** 31;

interface Given extends Partial<Pick<Surroundings, 'store' | 'queue' | 'meter'>> {
  readonly spool?: { readonly capacityBytes: number; readonly onHeld: (bytes: number) => void };
}

/** What the jobs of one worker reach for but for what it is configured by, with its files in `folder`. */
export function surroundingsIn(
  folder: string,
  {
    store = fileStore,
    queue = {} as JobQueue,
    meter = { onAssessed: () => {}, onHeld: () => {}, onSpent: () => {} },
    spool = { capacityBytes: SPOOL_BYTES, onHeld: meter.onHeld },
  }: Given = {},
): Omit<Surroundings, 'config'> {
  return {
    store,
    queue,
    benches: openWorkbenches(store, join(folder, 'benches'), meter),
    meter,
    spool: openSpool({ folder, ...spool }),
    swept: new Map(),
    turns: takeTurns(1),
  };
}
