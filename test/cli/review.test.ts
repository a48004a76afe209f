import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { addRecord } from '../../src/batch/index.js';
import type { Decision, Finding } from '../../src/schema/index.js';
import { anyStore, sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { tasterWith } from './in-process.js';

const inFolder = temporaryFolder();
let tests = 0;
/** Of each test its own: a log that was begun anew in the place of one that this process has seen is refused. */
const at = (...parts: string[]) => inFolder(String(tests), ...parts);
const OTHER = 'f'.repeat(64);
let redis: RedisServer;
/** Digests of decisions by batch. */
const decisions = new Map<string, string>();

function finding(kind: Finding['kind'], scope: Finding['scope'], subject: string): Finding {
  const evidence = { summary: `${subject} looks wrong.`, numbers: {} };
  const id = `${kind}/${scope}/${subject}`;
  return { id, kind, scope, subject, pValue: 0.001, excessRows: null, evidence, references: [], holds: true };
}

const BOB = finding('label-flip', 'source', 'bob');
const ODD_BOB = finding('outlier', 'source', 'bob');
const FLOOD = finding('duplicate-flood', 'item', 'row 7 of a.csv');

/** A judged batch; of each shard, what holds it. */
async function judge(dataset: string, batch: string, held: Readonly<Record<string, readonly Finding[]>>) {
  const shards = Object.entries(held).map(([path, found]) => ({ path, findings: found.map(({ id }) => id) }));
  const findings = [...new Set(Object.values(held).flat())];
  const content = JSON.stringify({ batch, shards, findings } as unknown as Decision);
  const decision = sha256Of(content);
  decisions.set(batch, decision);
  const vault = at(dataset, 'vault');
  await anyStore.create(`${vault}/batches/${batch}/decisions/${decision}`, 'decision.json', Buffer.from(content));
  const rests = { policy: OTHER, baseline: null, contract: null, manifest: null, trust: null };
  const judged = shards.map(({ path, findings: by }) => ({ path, sha256: OTHER, released: by.length === 0 }));
  const record = { kind: 'judged', plan: OTHER, decision, mode: 'enforce', rests, shards: judged } as const;
  await addRecord(anyStore, vault, batch, 0, record);
}

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  tests++;
  const rootsOf = (name: string) =>
    Object.fromEntries(['incoming', 'released', 'quarantine', 'vault'].map((root) => [root, `${name}/${root}`]));
  mkdirSync(at(), { recursive: true });
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { mail: rootsOf('mail'), news: rootsOf('news') } }));
  await judge('mail', 'monday', { 'a.csv': [FLOOD], 'b.csv': [BOB, FLOOD], 'c.csv': [ODD_BOB], 'd.csv': [] });
  await judge('mail', 'tuesday', { 'e.csv': [FLOOD] });
  await judge('news', 'today', { 'f.csv': [BOB] });
});

const review = (...argv: string[]) =>
  tasterWith({ TASTER_REDIS_URL: redis.url }, 'review', ...argv, '--config', at('config.json'));
const say = (action: string, ...more: string[]) =>
  review(action, 'mail', 'monday', '--by', 'ann', '--reason', 'seen', ...more);
const seen = () => ['--decision', (decisions.get('monday') ?? '').slice(0, 10)];
const listed = async (...filters: string[]) => {
  const all = JSON.parse((await review('list', '--json', ...filters)).stdout) as {
    readonly batch: string;
    readonly shards: readonly { readonly path: string }[];
  }[];
  return Object.fromEntries(all.map(({ batch, shards }) => [batch, shards.map(({ path }) => path).join(' ')]));
};
const records = () => {
  const folder = at('mail/vault/batches/monday/records');
  return readdirSync(folder)
    .sort()
    .slice(1)
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')));
};

describe('taster review list', () => {
  it('tells the shards of which all is true that its filters say', async () => {
    expect(await listed()).toEqual({ monday: 'a.csv b.csv c.csv', tuesday: 'e.csv', today: 'f.csv' });
    expect(await listed('--dataset', 'news')).toEqual({ today: 'f.csv' });
    expect(await listed('--kind', 'duplicate-flood')).toEqual({ monday: 'a.csv b.csv', tuesday: 'e.csv' });
    expect(await listed('--source', 'bob')).toEqual({ monday: 'b.csv c.csv', today: 'f.csv' });
    expect(await listed('--source', 'bob', '--kind', 'outlier')).toEqual({ monday: 'c.csv' });
    expect(await listed('--standing', 'rejected')).toEqual({});
    await say('reject', 'a.csv', ...seen());
    expect(await listed('--standing', 'rejected')).toEqual({ monday: 'a.csv' });
    expect(await listed('--dataset', 'mail')).toEqual({ monday: 'b.csv c.csv', tuesday: 'e.csv' });
    const { stdout } = await review('list', '--kind', 'label-flip', '--dataset', 'mail');
    expect(stdout).toBe(`mail monday: 1 held, decision ${decisions.get('monday')}\n`);
    expect((await review('list', '--kind', 'schema')).stdout).toBe('Nothing is like that.\n');
  });

  it('refuses what there is not, by name', async () => {
    const wrong = [
      ['--dataset', 'post'],
      ['--kind', 'flip'],
      ['--standing', 'released'],
    ];
    for (const [option = '', value = ''] of wrong) {
      expect(await review('list', option, value)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(value),
      });
    }
  });
});

describe('a review of a group', () => {
  it('is about the shards that show prints under a finding or a source, and recorded as if they had been named', async () => {
    const { stdout } = await review('show', 'mail', 'monday');
    expect(stdout).toContain(
      '  finding duplicate-flood/item/row 7 of a.csv: row 7 of a.csv looks wrong.\n    holds a.csv, b.csv\n',
    );
    expect(stdout).toContain('  source bob\n    holds b.csv, c.csv\n');
    expect(await say('reject', '--source', 'bob', ...seen())).toMatchObject({
      exitCode: 0,
      stdout: 'reject: 2 shards of monday\n',
    });
    // What is rejected by now stands otherwise.
    await say('release', '--finding', FLOOD.id, ...seen());
    await say('reopen', '--finding', BOB.id, ...seen());
    const said = { kind: 'reviewed', decision: decisions.get('monday'), reviewer: 'ann', reason: 'seen' };
    expect(records()).toMatchObject([
      { ...said, action: 'reject', shards: ['b.csv', 'c.csv'] },
      { ...said, action: 'release', shards: ['a.csv'] },
      { ...said, action: 'reopen', shards: ['b.csv'] },
    ]);
  });

  it('is refused where nothing stands so, where paths are named as well, and on another decision', async () => {
    const refused = [
      { group: ['--finding', BOB.id, '--source', 'bob', ...seen()], why: 'cannot be used with' },
      { group: ['a.csv', '--source', 'bob', ...seen()], why: 'not both' },
      { group: ['--source', 'eve', ...seen()], why: 'no shard of eve is held' },
      { group: ['--finding', 'label-flip/source', ...seen()], why: 'no shard of label-flip/source is held' },
      { group: ['--source', 'bob', '--decision', OTHER], why: 'decision changed' },
    ];
    for (const { group, why } of refused) {
      expect(await say('release', ...group)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(why) });
    }
    expect(records()).toEqual([]);
  });
});
