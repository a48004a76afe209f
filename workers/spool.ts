import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Transient } from '../src/errors.js';
import type { Room } from '../src/intake/index.js';
import { openLine } from './line.js';

/** Room on the disk of a worker for shards that are being read; first come first served. */
export interface Spool extends Room {
  /**
   * Does the work once there is room for so many bytes of a shard.
   * @throws Transient SPOOL_FULL where the disk has no room although nothing of this worker takes it; what `work` throws
   */
  withRoom<T>(bytes: number, work: () => Promise<T>): Promise<T>;
}

export interface SpoolSettings {
  readonly folder: string;
  /** The most that lies there at once; what is larger takes all of it. */
  readonly capacityBytes: number;
  /** Told how much lies there at once. */
  readonly onHeld: (bytes: number) => void;
  /** How often and how long to look for room that others have to make. */
  readonly everyMs?: number;
  readonly longestMs?: number;
}

const LOOK_EVERY_MS = 500;
/** A worker without room fails so slowly that others, who have room, take most jobs and the tries of none are used up. */
const LONGEST_MS = 10_000;

/** For baselines, and for what is known of rows. */
const HEADROOM_BYTES = 16 * 2 ** 20;

export function openSpool({
  folder,
  capacityBytes,
  onHeld,
  everyMs = LOOK_EVERY_MS,
  longestMs = LONGEST_MS,
}: SpoolSettings): Spool {
  const line = openLine(capacityBytes, onHeld);
  let holders = 0;
  const requireRoom = async (bytes: number) => {
    let waited = 0;
    while ((await freeBytes(folder)) < bytes + HEADROOM_BYTES) {
      if (waited >= longestMs) throw new Transient('SPOOL_FULL', { path: folder, bytes });
      await sleep(everyMs);
      // Who holds some works on its shard, or is next to, and gives it back.
      if (holders === 0) waited += everyMs;
    }
  };
  const take = async (wanted: number) => {
    const bytes = Math.min(wanted, capacityBytes);
    const leave = await line.enter(bytes);
    try {
      await requireRoom(bytes);
    } catch (error) {
      leave();
      throw error;
    }
    holders++;
    return () => {
      holders--;
      leave();
    };
  };
  return {
    take,
    withRoom: async (bytes, work) => {
      const giveBack = await take(bytes);
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
