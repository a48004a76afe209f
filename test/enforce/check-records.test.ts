import { mkdirSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { appendEntry, readLog } from '../../src/audit/index.js';
import { addRecord, readRecords, recordBytes, recordJudgement } from '../../src/batch/index.js';
import { auditSettled } from '../../src/enforce/audit-trail.js';
import {
  auditDecision,
  auditPromotion,
  auditRescan,
  checkRecords,
  checkRecordsInUse,
  standings,
} from '../../src/enforce/index.js';
import type { JudgedRecord, RescanRecord } from '../../src/schema/index.js';
import { fileStore, sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
let vaults = 0;
/** In the vault that was begun last: an audit log that is gone is not gone on with. */
const at = (...parts: string[]) => folder(`${vaults}`, ...parts);
let place: { readonly name: string; readonly vault: string };
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
const SETTLED = { kind: 'settled', verdict: 'verdict.json', changed: [] } as const;
const SLIPPED_IN = expect.stringContaining('is not one that the log knows');

beforeEach(begin);

function begin(): void {
  vaults++;
  place = { name: 'd', vault: at('vault') };
  mkdirSync(place.vault, { recursive: true });
}

const records = () => readRecords(fileStore, place.vault, 'mon');
const add = async (record: Parameters<typeof addRecord>[4]) =>
  addRecord(fileStore, place.vault, 'mon', (await records()).length, record);
const record = (judgement: JudgedRecord) => recordJudgement(fileStore, place.vault, 'mon', judgement, async () => {});
const audit = (judgement: JudgedRecord, asked?: RescanRecord) =>
  auditDecision(fileStore, place, 'mon', judgement, { report: null, seal: null, asked });

async function decided(plan: string, { released = true, ledger = A, batch = 'mon' } = {}): Promise<JudgedRecord> {
  const text = recordBytes({ plan, ledger });
  const decision = sha256Of(text);
  await fileStore.create(place.vault, `batches/${batch}/decisions/${decision}/decision.json`, text);
  const rests = { policy: A, baseline: null, contract: null, manifest: null, trust: null, ledger };
  return { kind: 'judged', plan, decision, mode: 'enforce', rests, shards: [{ path: 'a.csv', sha256: A, released }] };
}

/** As `taster rescan` asks. */
async function ask(judged: JudgedRecord, plan: string): Promise<RescanRecord> {
  const asked = await auditRescan(fileStore, place, 'mon', { judged, plan, number: (await records()).length + 1 });
  await add(asked);
  return asked;
}

async function judge(plan: string, rest: Parameters<typeof decided>[1] = {}, asked?: RescanRecord) {
  const judgement = await decided(plan, rest);
  await audit(judgement, asked);
  await record(judgement);
  const number = (await records()).length + 1;
  await auditSettled(fileStore, place, 'mon', { judged: judgement, number, settled: SETTLED });
  await add(SETTLED);
  return judgement;
}

async function check() {
  const { entries } = await readLog(fileStore, at('vault/audit'));
  return checkRecords(fileStore, place.vault, entries);
}

describe('the records of a vault', () => {
  it('are as the log says where a rescan condemns, and one goes back that was asked for', async () => {
    const first = await judge(A);
    const second = await judge(B, { released: false }, await ask(first, B));
    await audit(first, await ask(second, A));
    await record(first);
    expect(await check()).toMatchObject({ problems: [], notCarriedOut: 0, unnamed: 0 });
  });

  it('do not go back to a former judgement for a rescan that nobody has asked for', async () => {
    const first = await judge(A);
    await judge(B, { released: false }, await ask(first, B));
    await add({ kind: 'rescan', plan: A, at: 'now' });
    await record(first);
    expect(standings(await records(), 1)[0]?.standing).toBe('released');
    expect((await check()).problems).toEqual([SLIPPED_IN]);
  });

  it('hold no rescan again that was asked for once', async () => {
    const first = await judge(A);
    const second = await judge(B, { released: false }, await ask(first, B));
    const back = await ask(second, A);
    await audit(first, back);
    await record(first);
    await ask(first, B);
    await record(second);
    await add(back);
    await record(first);
    expect((await check()).problems).toEqual([SLIPPED_IN]);
  });

  it('hold no judgement again without a rescan', async () => {
    const first = await judge(A);
    await judge(B, { released: false }, await ask(first, B));
    await add(first);
    expect((await check()).problems).toEqual([expect.stringContaining('no record before asks for that')]);
  });

  it('are found cut off where a rescan was decided on', async () => {
    const first = await judge(A);
    await judge(B, { released: false }, await ask(first, B));
    for (const number of [3, 4, 5]) rmSync(at(`vault/batches/mon/records/00000${number}.json`));
    expect((await check()).problems).toEqual([expect.stringContaining('what had asked for it is not there')]);
  });

  it('lack a decision without harm that a later rescan, or a repeated job, has made pointless', async () => {
    const first = await judge(A);
    const asked = await ask(first, B);
    await ask(first, C);
    const late = await decided(B);
    await audit(late, asked);
    await record(late);
    expect(await check()).toMatchObject({ problems: [], notCarriedOut: 1 });
    begin();
    await audit(await decided(A, { ledger: B }));
    await judge(A, { ledger: C });
    expect(await check()).toMatchObject({ problems: [], notCarriedOut: 1 });
  });

  it('are looked at in batches as well that the log does not name', async () => {
    await judge(A);
    await addRecord(fileStore, place.vault, 'tue', 0, await decided(A, { batch: 'tue' }));
    expect((await check()).problems).toEqual([SLIPPED_IN]);
  });

  it('of an earlier version are known by what entries say, and its rescans and what it has settled are counted', async () => {
    const first = await decided(A);
    const facts = { decision: first.decision, mode: 'enforce' };
    const batch = { name: 'mon', sha256: A };
    await appendEntry(fileStore, at('vault/audit'), { event: 'decision', dataset: 'd', batch, by: null, facts });
    await record(first);
    await add(SETTLED);
    await add({ kind: 'rescan', plan: B, at: 'then' });
    await judge(B);
    expect(await check()).toMatchObject({ problems: [], unnamed: 2 });
    await judge(C, {}, await ask(first, C));
    expect(await check()).toMatchObject({ problems: [], unnamed: 2 });
    await add({ kind: 'rescan', plan: A, at: 'then' });
    await record(first);
    expect((await check()).problems).toEqual([SLIPPED_IN]);
  });

  it('may be any of the candidates and approvals that were said to be written, or none that nothing rests on', async () => {
    const [one, other] = ['1', '2'].map((created) => recordBytes({ created })) as [Buffer, Buffer];
    const propose = (content: Uint8Array) =>
      auditPromotion(fileStore, place, 'cleo', {
        ...{ step: 'proposed', baseline: C, number: 2, candidate: sha256Of(content) },
      });
    const promote = (content: Uint8Array) =>
      auditPromotion(fileStore, place, null, {
        ...{ step: 'promoted', baseline: C, number: 2, approval: sha256Of(content) },
      });
    await propose(one);
    expect(await check()).toMatchObject({ problems: [], notCarriedOut: 1 });
    await propose(other);
    await fileStore.create(place.vault, `candidates/${C}/candidate.json`, other);
    for (const content of [one, other]) await promote(content);
    expect(await check()).toMatchObject({ problems: [], notCarriedOut: 1 });
    await fileStore.create(place.vault, 'promotions/000002/approval.json', Buffer.from('of nobody'));
    expect((await check()).problems).toEqual([expect.stringContaining('approval.json has other content')]);
  });
});

describe('the records of a service that runs', () => {
  const entries = async () => (await readLog(fileStore, at('vault/audit'))).entries;

  it('may have been written since the log was read', async () => {
    const first = await judge(A);
    const before = await entries();
    await judge(B, { released: false }, await ask(first, B));
    expect((await checkRecords(fileStore, place.vault, before)).problems).toHaveLength(3);
    expect(await checkRecordsInUse(fileStore, place.vault, before, entries)).toMatchObject({
      ...{ problems: [], notCarriedOut: 0 },
    });
  });

  it('are complained of where the log does not know them afterwards either', async () => {
    const first = await judge(A);
    const before = await entries();
    const judgement = await decided(B, { released: false });
    await ask(first, B);
    await record(judgement);
    expect((await checkRecordsInUse(fileStore, place.vault, before, entries)).problems).toEqual([
      'record 000004.json of batch mon is not one that the log knows: it was changed or slipped in',
    ]);
    const slippingIn = async () => {
      // What comes to be at fault in between the next look sees.
      await add({ kind: 'rescan', plan: C, at: 'now' });
      await audit(judgement);
      return entries();
    };
    expect((await checkRecordsInUse(fileStore, place.vault, before, slippingIn)).problems).toEqual([]);
    expect((await checkRecordsInUse(fileStore, place.vault, await entries(), entries)).problems).toEqual([SLIPPED_IN]);
  });
});
