import { describe, expect, it } from 'vitest';
import { Transient } from '../../src/errors.js';
import { fileStore, mapAtOnce, saysGone } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const numbers = Array.from({ length: 100 }, (_, number) => number);
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('work at once', () => {
  it('is as many at the same time as are worth it, and its results are in order', async () => {
    let [running, most] = [0, 0];
    const doubled = await mapAtOnce(numbers, async (number) => {
      most = Math.max(most, ++running);
      for (let turns = number % 7; turns >= 0; turns--) await nextTurn();
      running--;
      return 2 * number;
    });
    expect(doubled).toEqual(numbers.map((number) => 2 * number));
    expect(most).toBe(16);
    expect(await mapAtOnce([], async () => 1)).toEqual([]);
  });

  it('ends with its first failure, once nothing is running any more', async () => {
    let [begun, ended] = [0, 0];
    const work = mapAtOnce(numbers, async (number) => {
      begun++;
      await nextTurn();
      ended++;
      if (number === 20) throw new Error('torn');
    });
    await expect(work).rejects.toThrow('torn');
    expect(ended).toBe(begun);
    expect(begun).toBeLessThan(numbers.length);
  });
});

describe('a failure to read', () => {
  const failure = (cause: unknown) => new Transient('READ_FAILED', { path: 'x', detail: 'y' }, cause);
  const answer = (httpStatusCode: number) => failure(Object.assign(new Error(), { $metadata: { httpStatusCode } }));

  it('says that the object is gone, or that the store has failed', async () => {
    expect([404, 412, 403, 500, 503].map((status) => saysGone(answer(status)))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const missing = await fileStore.read(at('missing')).catch((error: unknown) => error);
    const folder = await fileStore.read(at()).catch((error: unknown) => error);
    expect([missing, folder, failure(undefined), new Error('404')].map(saysGone)).toEqual([true, true, false, false]);
  });
});
