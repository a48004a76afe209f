import { tableToIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../src/assess/read-shard.js';
import type { Baseline } from '../../src/baseline/index.js';
import { Transient } from '../../src/errors.js';
import { startBackend } from '../../src/linear/index.js';
import { fitOn, labelled, sha256, storeOf } from '../baseline/trusted.js';
import { numberRows } from '../detect/populations.js';

let baseline: Baseline;

beforeAll(async () => {
  await startBackend('wasm');
  baseline = fitOn(labelled(numberRows(120, 'trusted')));
});

const shardOf = (path: string) => ({ path, uri: path, bytes: 0 });

describe('a shard as it is stored', () => {
  it('is assessed under the digest of the very bytes that were read', async () => {
    const content = tableToIPC(labelled(numberRows(20, 'shard')), 'file');
    const { assessment } = await assess(storeOf({ 'a.arrow': content }), shardOf('a.arrow'), {
      baseline,
      columns: { ids: [] },
    });
    expect(assessment).toMatchObject({ path: 'a.arrow', rows: 20, faults: [] });
    expect(assessment.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['is empty', '', 'cannot be read as a table: the file is empty'],
    ['is cut off', 'a,b\n1,"open', 'cannot be read as CSV: line 2: Quoted field unterminated'],
    ['is no table', '\u0000\u0001\u0002 \u0003\u0000', 'it holds none of the formats that can be read'],
  ])('that %s is a finding that holds it, and no end of the scan', async (_, content, message) => {
    const { assessment } = await assess(storeOf({ 'a.csv': content }), shardOf('a.csv'), {
      baseline,
      columns: { ids: [] },
    });
    expect(assessment).toMatchObject({
      rows: null,
      sha256: sha256(content),
      faults: [{ kind: 'integrity', summary: expect.stringContaining(message), holds: true }],
      isJudged: false,
      tallies: [],
    });
  });

  it('stops the scan when the surroundings fail: that says nothing of the shard', async () => {
    const failing = {
      ...storeOf({}),
      read: () => Promise.reject(new Transient('READ_FAILED', { path: 'a.csv', detail: 'disk on fire' })),
    };
    await expect(assess(failing, shardOf('a.csv'), { baseline, columns: { ids: [] } })).rejects.toMatchObject({
      code: 'READ_FAILED',
    });
  });
});
