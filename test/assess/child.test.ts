import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../../src/assess/child.js';
import { encodeBaseline } from '../../src/baseline/index.js';
import { Bug, Transient } from '../../src/errors.js';
import { startBackend } from '../../src/linear/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { fitOn, labelled } from '../baseline/trusted.js';
import { numberRows } from '../detect/populations.js';

const limits = { ...defaultShardLimits, seconds: 60 };
const preparation = {
  limits,
  baselineFile: '/no/such/baseline',
  rowsFolder: '/no/such/folder',
  backend: 'wasm',
  columns: { ids: [] },
} as const;

beforeAll(async () => {
  await startBackend('wasm');
});

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

  it.each([
    ['takes too long', { seconds: 0.1, memoryBytes: 2 ** 40 }, 'took too long'],
    ['takes too much memory', { seconds: 60, memoryBytes: 2 ** 20 }, 'took too much memory'],
  ])('that %s is killed', async (_, limits, death) => {
    const folder = await mkdtemp(join(tmpdir(), 'child-test-'));
    const content = `size,label\n${'1,a\n'.repeat(2_000_000)}`;
    await writeFile(join(folder, 'large.csv'), content);
    await writeFile(join(folder, 'baseline'), encodeBaseline(fitOn(labelled(numberRows(120, 'trusted')))));
    const child = startChild(limits);
    await child.prepare({ ...preparation, baselineFile: join(folder, 'baseline'), rowsFolder: folder });
    const shard = { path: 'large.csv', uri: join(folder, 'large.csv'), bytes: content.length };
    expect(await child.assess({ number: 0, shard })).toBe(death);
    await child.stop();
    await rm(folder, { recursive: true });
  });
});
