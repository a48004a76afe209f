import { describe, expect, it } from 'vitest';
import { startChild } from '../../src/assess/child.js';
import { Bug, Transient } from '../../src/errors.js';

const limits = { seconds: 60, memoryBytes: 2 ** 31 };
const preparation = {
  baselineFile: '/no/such/baseline',
  rowsFolder: '/no/such/folder',
  backend: 'wasm',
  columns: { ids: [] },
} as const;

describe('a child', () => {
  it('that dies before it could begin is no fault of a shard', async () => {
    const child = startChild(limits);
    const preparing = child.prepare(preparation);
    child.kill();
    const error = await preparing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ code: 'PROCESS_DIED', remedy: expect.stringContaining('--processes 1') });
    await child.stop();
  });

  it('that cannot do its work says why, with the stack of where it happened', async () => {
    const child = startChild(limits);
    const error = await child.prepare(preparation).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Bug);
    expect((error as Error).message).toContain('/no/such/baseline');
    expect((error as Error).stack).toContain('ENOENT');
    await child.stop();
  });

  it('is gone after it was stopped, and may be stopped twice', async () => {
    const child = startChild(limits);
    await Promise.all([child.stop(), child.stop()]);
    expect(await child.assess({ number: 0, shard: { path: 'a', uri: '/a', bytes: 1 } })).toBe('died');
  });
});
