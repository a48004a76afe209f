import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Child } from '../../src/assess/child.js';
import { Crew } from '../../src/assess/crew.js';
import { defaultShardLimits } from '../../src/schema/index.js';

const started: { isStopped: boolean }[] = [];

vi.mock('../../src/assess/child.js', () => ({
  startChild: () => {
    const child = {
      isStopped: false,
      stop: async () => {
        child.isStopped = true;
      },
      kill: () => {},
    };
    started.push(child);
    return child;
  },
}));

let crew: Crew;
beforeEach(() => {
  started.length = 0;
  crew = new Crew(defaultShardLimits);
});
afterEach(() => crew.stop());

const answered = { counted: 0 };
const useOne = (onChild: (child: Child) => void = () => {}) =>
  crew.lendAny(async (child) => {
    onChild(child);
    await sleep(1);
    return answered;
  });
const waiting = () => started.filter(({ isStopped }) => !isStopped).length;

describe('a crew that others use for a while', () => {
  it('lends them what waits', async () => {
    await useOne();
    await crew.host(() => useOne((child) => expect(child).toBe(started[0])));
    expect(started).toHaveLength(1);
    expect(waiting()).toBe(1);
  });

  it('keeps no more than there were, however they end', async () => {
    await useOne();
    const useThree = async () => {
      await Promise.all([useOne(), useOne(), useOne()]);
      throw new Error('it failed');
    };
    await expect(crew.host(useThree)).rejects.toThrow('it failed');
    expect(started).toHaveLength(3);
    expect(waiting()).toBe(1);
  });

  it('keeps none where there was none', async () => {
    await crew.host(() => useOne());
    expect(waiting()).toBe(0);
  });

  it('ends none that is at work for another', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const other = crew.lendAny(async () => {
      await held;
      return answered;
    });
    await crew.host(() => useOne());
    expect(started.map(({ isStopped }) => isStopped)).toEqual([false, true]);
    goOn();
    expect(await other).toBe(answered);
    expect(waiting()).toBe(1);
  });
});
