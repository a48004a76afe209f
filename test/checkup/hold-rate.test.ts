import { rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { addRecord, batchFolder } from '../../src/batch/index.js';
import { checkHoldRate } from '../../src/checkup/hold-rate.js';
import { type Dataset, loadPolicy } from '../../src/config/index.js';
import type { JudgedRecord } from '../../src/schema/index.js';
import { fileStore, sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const observing = { name: 'd', vault: at('vault'), policy: { ...loadPolicy(undefined), mode: 'observe' } } as Dataset;
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };

/** Judged batches, of which the first `held` would have been held. */
async function judge(batches: number, held: number, mode: JudgedRecord['mode'] = 'observe'): Promise<void> {
  for (let number = 0; number < batches; number++) {
    const batch = `${mode}-${String(number).padStart(3, '0')}`;
    const content = JSON.stringify({ verdict: number < held ? 'quarantine' : 'release' });
    const decision = sha256Of(content);
    await fileStore.create(
      at('vault'),
      `${batchFolder(batch)}/decisions/${decision}/decision.json`,
      Buffer.from(content),
    );
    const record: JudgedRecord = { kind: 'judged', plan: 'e'.repeat(64), decision, mode, rests: RESTS, shards: [] };
    await addRecord(fileStore, at('vault'), batch, 0, record);
  }
}

beforeEach(() => rmSync(at('vault'), { recursive: true, force: true }));

describe('what a dataset that is observed is advised', () => {
  it.each([
    [19, 0, /0 of 19 batches$/, /Observe at least 20 batches/],
    [20, 0, /0 of 20 batches \(0 %; falseQuarantineRate is 1 %\)/, /Set mode to enforce/],
    [50, 1, /1 of 50 batches \(2 %/, /Set mode to enforce/],
    [50, 2, /2 of 50 batches \(4 %/, /Look at the reports/],
  ])('after %i batches of which %i would have been held', async (batches, held, message, remedy) => {
    await judge(batches, held);
    await judge(5, 5, 'enforce');
    const checks = await checkHoldRate(fileStore, observing);
    expect(checks).toEqual([
      {
        subject: 'datasets.d.mode',
        outcome: 'advice',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      },
    ]);
  });

  it('is nothing before there is a batch, or where it is enforced', async () => {
    expect(await checkHoldRate(fileStore, observing)).toMatchObject([{ message: expect.stringContaining('0 of 0') }]);
    const enforcing = { ...observing, policy: { ...observing.policy, mode: 'enforce' as const } };
    expect(await checkHoldRate(fileStore, enforcing)).toMatchObject([{ outcome: 'fine', remedy: null }]);
  });
});
