import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeText, seal } from '../../src/attest/index.js';
import { readLog } from '../../src/audit/index.js';
import { released } from '../../src/client/index.js';
import { statusListText, verdictOf } from '../../src/gate/index.js';
import { anyStore } from '../../src/store/index.js';
import { keyPair, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const scanner = keyPair();
const NOTHING = '0'.repeat(64);
const rests = { decision: NOTHING, policy: NOTHING, baseline: NOTHING, contract: null, manifest: null, trust: null };
const verified = new Date('2026-03-01T00:00:00Z');
const expires = new Date('2026-03-02T00:00:00Z');
const now = new Date('2026-03-01T12:00:00Z');
const request = { batch: at('batch'), trust: at('trust.json'), dataset: 'weather', now };

const shards = ['a.csv', 'held.csv'].map((name) => ({
  ...{ name, released: name === 'a.csv' },
  digest: { sha256: createHash('sha256').update(name).digest('hex') },
}));
const statement = verdictOf({
  ...{ batch: 'batch', dataset: 'weather', version: '0', mode: 'enforce', verified, expires, shards, rests },
});

beforeEach(async () => {
  await rm(at('batch'), { recursive: true, force: true });
  await mkdir(at('batch'));
  for (const { name } of shards) await writeFile(at('batch', name), name);
  await writeFile(at('batch/verdict.json'), envelopeText(seal(Buffer.from(JSON.stringify(statement)), [scanner.own])));
  const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['weather'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers, requireStatus: false }));
});

describe('what training code asks for in its own process', () => {
  it('is what was released, and its bytes are verified again when they are read', async () => {
    const [shard, ...others] = await released(request);
    expect(others).toEqual([]);
    expect(shard).toMatchObject({ path: 'a.csv', uri: at('batch/a.csv') });
    expect(Buffer.from((await shard?.read()) ?? []).toString()).toBe('a.csv');
    await writeFile(at('batch/a.csv'), 'A.csv');
    await expect(shard?.read()).rejects.toMatchObject({ code: 'GATE_REFUSED' });
    await expect(released(request)).rejects.toThrow('a.csv: its bytes are not those that were released');
  });

  it('is in the audit log, with who was given what or was refused, and to nobody where that cannot be', async () => {
    await expect(released({ ...request, consumer: 'model 7' })).rejects.toMatchObject({
      ...{ code: 'USAGE', message: expect.stringContaining('no audit log') },
    });
    const asked = { ...request, consumer: 'model 7', audit: at('audit') };
    await released(asked);
    await writeFile(at('batch/a.csv'), 'A.csv');
    await expect(released(asked)).rejects.toMatchObject({ code: 'GATE_REFUSED' });
    await rm(at('batch/verdict.json'));
    await expect(released(asked)).rejects.toMatchObject({ code: 'VERDICT_UNUSABLE' });
    const { entries } = await readLog(anyStore, at('audit'));
    const lines = `${shards[0]?.digest.sha256}  a.csv\n`;
    const list = createHash('sha256').update(lines).digest('hex');
    expect(entries.map(({ event, by, facts }) => [event, by, facts])).toEqual([
      ['gate-pass', 'model 7', { shards: 1, list }],
      ['gate-refusal', 'model 7', { problems: 1, first: 'a.csv: its bytes are not those that were released' }],
      ['gate-refusal', 'model 7', { problems: 1, first: 'batch: VERDICT_UNUSABLE' }],
    ]);
    await writeFile(at('audit/0000000003.json'), '{}');
    await expect(released(asked)).rejects.toMatchObject({ code: 'AUDIT_REFUSED' });
  });

  it('is refused by what was recalled, by what is late, and where something came later', async () => {
    const recalled = { ...{ batch: 'batch', dataset: 'weather', reason: 'planted' }, recalled: verified.toISOString() };
    const [issued, until] = [verified.toISOString(), expires.toISOString()];
    const sha256 = statement.subject[0]?.digest.sha256 ?? '';
    const list = { issued, expires: until, recalled: [{ ...recalled, sha256 }] };
    await writeFile(at('status.json'), statusListText(list, scanner.own));
    await expect(released({ ...request, status: at('status.json') })).rejects.toThrow('planted');
    await expect(released({ ...request, status: at('none.json') })).rejects.toThrow('the status list is not there');
    await expect(released({ ...request, now: expires })).rejects.toThrow('expired');
    await expect(released({ ...request, dataset: 'snow' })).rejects.toThrow('not snow');
    await writeFile(at('batch/new.csv'), 'new');
    await expect(released(request)).rejects.toThrow('new.csv: the verdict does not know it');
    expect(await released({ ...request, isInPlace: true })).toHaveLength(1);
  });

  it('is refused without a list of what was recalled, unless the trust policy does without', async () => {
    const { requireStatus: _, ...silent } = JSON.parse(await readFile(at('trust.json'), 'utf8'));
    await writeFile(at('trust.json'), JSON.stringify(silent));
    await expect(released(request)).rejects.toThrow('no status list was given');
    const list = { issued: verified.toISOString(), expires: expires.toISOString(), recalled: [] };
    await writeFile(at('status.json'), statusListText(list, scanner.own));
    expect(await released({ ...request, status: at('status.json') })).toHaveLength(1);
  });

  it.each([undefined, 'batch/verdict.json', 'none'])('is refused without a verdict: %s', async (verdict) => {
    await rm(at('batch/verdict.json'));
    const named = verdict === undefined ? {} : { verdict: at(verdict) };
    await expect(released({ ...request, ...named })).rejects.toMatchObject({
      ...{ code: 'VERDICT_UNUSABLE', message: expect.stringContaining('is not there') },
    });
  });
});
