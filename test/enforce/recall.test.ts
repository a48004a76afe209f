import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { readLog } from '../../src/audit/index.js';
import { addRecord, findArrival, readRecords, recordJudgement, sealArrival } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import {
  checkRecords,
  enforce,
  findReleased,
  findUnderway,
  type Review,
  recallBatch,
  recordReview,
} from '../../src/enforce/index.js';
import { type FoundVerdict, lastGoodOf, verdictToFollow } from '../../src/gate/index.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { fileStore, type ObjectStore, sha256Of } from '../../src/store/index.js';
import { keyPair } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
let services = 0;
/** In the folders of the service that was begun last: an audit log that is gone is not gone on with. */
const at = (...parts: string[]) => folder(`${services}`, ...parts);
const { own: key } = keyPair();
const FILES = { 'bad.csv': 'poison', 'good.csv': 'sound', 'sub/fine.csv': 'sound as well' };
const RESTS = { policy: 'c'.repeat(64), baseline: 'c'.repeat(64), contract: null, manifest: null, trust: null };
const FIRST = { plan: 'a'.repeat(64), decision: 'd'.repeat(64) };
const SECOND = { plan: 'b'.repeat(64), decision: 'e'.repeat(64) };
const why = { reason: 'planted', by: 'ann' };
let dataset: Dataset;

beforeEach(begin);

function begin(): void {
  services++;
  upload();
  const settings = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: { ...settings, keepOriginals: false } } }));
  dataset = loadConfig(at('config.json')).datasets.get('d') as Dataset;
}

function upload(): void {
  mkdirSync(at('in/b/sub'), { recursive: true });
  for (const [path, content] of Object.entries(FILES)) writeFileSync(at('in/b', path), content);
}

/** The batch by a plan; every shard but bad.csv is released, or all of them. */
async function judged({ plan, decision } = FIRST, held: readonly string[] = ['bad.csv']): Promise<void> {
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, 'b'));
  const records = await readRecords(fileStore, dataset.vault, 'b');
  if (records.length > 0)
    await addRecord(fileStore, dataset.vault, 'b', records.length, { kind: 'rescan', plan, at: 'now' });
  const shards = Object.entries(FILES).map(([path, content]) => ({
    ...{ path, sha256: sha256Of(content) },
    released: !held.includes(path),
  }));
  const judgement = { kind: 'judged', plan, decision, mode: 'enforce', rests: RESTS, shards } as const;
  await recordJudgement(fileStore, dataset.vault, 'b', judgement, async () => {});
}

async function released(): Promise<void> {
  await judged();
  await enforce(fileStore, dataset, 'b', key);
}

const review = (action: Review['action'], shards: string[], decision = FIRST.decision) =>
  recordReview(fileStore, dataset, 'b', { action, shards, decision, reviewer: 'ben', reason: 'seen', at: 'now' });

const paths = (root: string) =>
  existsSync(at(root, 'b'))
    ? readdirSync(at(root, 'b'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort()
    : [];

const read = (...path: string[]) => readFileSync(at(...path), 'utf8');

/** What the last verdict releases. */
function releasedBy(name: string): string[] {
  const { payload } = JSON.parse(read('released/b', name)) as { payload: string };
  const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as VerdictStatement;
  return predicate.shards.filter((shard) => shard.released).map((shard) => shard.name);
}

async function standingOf(): Promise<Record<string, string>> {
  const { shards } = await enforce(fileStore, dataset, 'b', key);
  return Object.fromEntries(shards.map(({ path, standing }) => [path, standing]));
}

const RECALLED = { 'bad.csv': 'recalled', 'good.csv': 'recalled', 'sub/fine.csv': 'recalled' };

describe('a recalled batch', () => {
  it('lies in quarantine with the bytes that were judged, under a verdict that releases nothing', async () => {
    await released();
    const { files } = await recallBatch(fileStore, dataset, 'b', why, key);
    expect(files.map(({ path, state }) => [path, state])).toEqual([
      ['good.csv', 'quarantined'],
      ['sub/fine.csv', 'quarantined'],
    ]);
    expect([paths('released'), paths('quarantine')]).toEqual([
      ['_verdict-2.json', 'verdict.json'],
      ['bad.csv', 'fine.csv', 'good.csv'],
    ]);
    expect([read('quarantine/b/good.csv'), releasedBy('_verdict-2.json')]).toEqual(['sound', []]);
    expect(await standingOf()).toEqual(RECALLED);
    const { entries } = await readLog(fileStore, at('vault/audit'));
    expect(entries).toMatchObject([
      { event: 'settled', facts: { verdict: 'verdict.json', changed: 0, number: 2 } },
      { event: 'recall', by: 'ann', facts: { reason: 'planted', released: 2, number: 3 } },
      { event: 'settled', facts: { verdict: '_verdict-2.json', changed: 0, number: 4 } },
    ]);
  });

  it('is moved to the end by the same recall, whichever step it was cut off after', async () => {
    let steps = 0;
    for (let isWhole = false; !isWhole; steps++) {
      await released();
      let left = steps;
      let isCut = false;
      const orCutOff =
        <T extends unknown[], R>(step: (...job: T) => Promise<R>) =>
        async (...job: T) => {
          if (left-- > 0) return step(...job);
          isCut = true;
          throw new Error('cut off');
        };
      const { copy, create, remove } = fileStore;
      const store = { ...fileStore, copy: orCutOff(copy), create: orCutOff(create), remove: orCutOff(remove) };
      await recallBatch(store, dataset, 'b', why, key).catch((error: Error) => expect(error.message).toBe('cut off'));
      isWhole = !isCut;
      // Not a byte is lost, and none is among what a verdict releases unless it lies there.
      for (const [path, content] of Object.entries(FILES)) {
        const copies = ['released', 'quarantine'].filter((root) => existsSync(at(root, 'b', path)));
        expect(copies.map((root) => read(root, 'b', path))).toContain(content);
      }
      const { files } = await recallBatch(fileStore, dataset, 'b', why, key);
      expect(files.map(({ state }) => state)).toEqual(['quarantined', 'quarantined']);
      expect([paths('released'), paths('quarantine')]).toEqual([
        ['_verdict-2.json', 'verdict.json'],
        ['bad.csv', 'fine.csv', 'good.csv'],
      ]);
      const records = await readRecords(fileStore, dataset.vault, 'b');
      expect(records.map(({ kind }) => kind)).toEqual(['judged', 'settled', 'recalled', 'settled']);
      begin();
    }
    // Entry, record, verdict here and there, two copies, the entry and the record of its end, two removals.
    expect(steps).toBe(11);
  });

  it('is superseded before anything of it is copied, even where nothing can be', async () => {
    await released();
    const full: ObjectStore = { ...fileStore, copy: () => Promise.reject(new Error('no room')) };
    await expect(recallBatch(full, dataset, 'b', why, key)).rejects.toThrow('no room');
    expect(releasedBy('_verdict-2.json')).toEqual([]);
    expect(paths('released')).toContain('good.csv');
  });

  it('takes back also where what lies in its places cannot be listed', async () => {
    await released();
    const list: ObjectStore['list'] = (place) =>
      /(released|quarantine)\/b/.test(place) ? Promise.reject(new Error('no such listing')) : fileStore.list(place);
    await recallBatch({ ...fileStore, list }, dataset, 'b', why, key);
    expect([await standingOf(), paths('released').includes('good.csv')]).toEqual([RECALLED, false]);
  });

  it('is released again by no later judgement, only by reviews that reopen it', async () => {
    await released();
    await recallBatch(fileStore, dataset, 'b', why, key);
    await judged(SECOND, []);
    expect(await standingOf()).toEqual(RECALLED);
    expect(releasedBy('_verdict-3.json')).toEqual([]);
    await expect(review('release', ['good.csv'], SECOND.decision)).rejects.toThrow('good.csv is recalled');
    await review('reopen', ['good.csv'], SECOND.decision);
    expect(await standingOf()).toEqual({ ...RECALLED, 'good.csv': 'held' });
    await judged({ plan: 'f'.repeat(64), decision: '1'.repeat(64) }, []);
    expect(await standingOf()).toEqual(RECALLED);
    await review('reopen', ['good.csv'], '1'.repeat(64));
    await review('release', ['good.csv'], '1'.repeat(64));
    expect(await standingOf()).toEqual({ ...RECALLED, 'good.csv': 'released' });
    expect(read('released/b/good.csv')).toBe('sound');
    // What a person has released stays so, and can be recalled again.
    await judged({ plan: '2'.repeat(64), decision: '3'.repeat(64) }, []);
    expect(await standingOf()).toEqual({ ...RECALLED, 'good.csv': 'released' });
    await recallBatch(fileStore, dataset, 'b', why, key);
    expect([await standingOf(), paths('released').includes('good.csv')]).toEqual([RECALLED, false]);
  });

  it('is not what somebody has rejected already, and a rejection stays', async () => {
    await released();
    await review('reject', ['bad.csv']);
    await recallBatch(fileStore, dataset, 'b', why, key);
    expect(await standingOf()).toEqual({ ...RECALLED, 'bad.csv': 'rejected' });
    await judged(SECOND, []);
    expect(await standingOf()).toEqual(RECALLED);
  });

  it('keeps what was written over a released shard, and says so', async () => {
    await released();
    writeFileSync(at('released/b/good.csv'), 'forged');
    const { files } = await recallBatch(fileStore, dataset, 'b', why, key);
    expect(files).toMatchObject([
      { path: 'good.csv', state: 'left' },
      { path: 'sub/fine.csv', state: 'quarantined' },
    ]);
    expect([read('released/b/good.csv'), releasedBy('_verdict-2.json')]).toEqual(['forged', []]);
  });

  it('has what a later judgement had withdrawn taken back as well', async () => {
    await judged(FIRST, []);
    await enforce(fileStore, dataset, 'b', key);
    await judged(SECOND, ['bad.csv']);
    await enforce(fileStore, dataset, 'b', key);
    expect(paths('released')).toContain('bad.csv');
    const { files } = await recallBatch(fileStore, dataset, 'b', why, key);
    expect(files.map(({ path, state }) => [path, state])).toEqual([
      ['bad.csv', 'quarantined'],
      ['good.csv', 'quarantined'],
      ['sub/fine.csv', 'quarantined'],
    ]);
    expect(paths('released').filter((name) => name.endsWith('.csv'))).toEqual([]);
  });

  it('keeps no record that nobody could read', async () => {
    await released();
    await expect(recallBatch(fileStore, dataset, 'b', { ...why, by: '' }, key)).rejects.toThrow('unreadable');
    expect(await standingOf()).toMatchObject({ 'good.csv': 'released' });
  });

  it('is taken from the original where that is still there', async () => {
    const kept = { ...dataset, keepOriginals: true };
    await judged();
    await enforce(fileStore, kept, 'b', key);
    writeFileSync(at('released/b/good.csv'), 'forged');
    const { files } = await recallBatch(fileStore, kept, 'b', why, key);
    expect(read('quarantine/b/good.csv')).toBe('sound');
    expect(files[0]).toMatchObject({ path: 'good.csv', state: 'left' });
    expect(read('released/b/good.csv')).toBe('forged');
  });

  it.each([
    ['copied to the next name', () => copyFileSync(at('released/b/verdict.json'), at('released/b/_verdict-3.json')), 4],
    ['left alone by the end of the last', () => rmSync(at('released/b/_verdict-2.json')), 2],
    ['written over the last', () => copyFileSync(at('released/b/verdict.json'), at('released/b/_verdict-2.json')), 3],
  ])('is superseded again by the same recall where its first verdict was %s', async (_, putBack, number) => {
    await released();
    await recallBatch(fileStore, dataset, 'b', why, key);
    putBack();
    for (const again of ['mends', 'has nothing to do']) {
      const { files } = await recallBatch(fileStore, dataset, 'b', why, key);
      expect([again, files.map(({ state }) => state)]).toEqual([again, ['quarantined', 'quarantined']]);
      expect(paths('released').filter((name) => name.startsWith('_'))).toHaveLength(number - 1);
      expect(releasedBy(`_verdict-${number}.json`)).toEqual([]);
    }
    expect((await verdictToFollow(fileStore, at('released/b'), undefined)).uri).toContain(`_verdict-${number}.json`);
    expect(await standingOf()).toEqual(RECALLED);
    const { entries } = await readLog(fileStore, at('vault/audit'));
    expect(entries.filter(({ event }) => event === 'recall')).toHaveLength(1);
  });

  it('that is released again has a verdict of its own where the first was put back', async () => {
    await released();
    await recallBatch(fileStore, dataset, 'b', why, key);
    copyFileSync(at('released/b/verdict.json'), at('released/b/_verdict-3.json'));
    for (const action of ['reopen', 'release'] as const) await review(action, ['good.csv', 'sub/fine.csv']);
    await standingOf();
    expect(releasedBy('_verdict-4.json')).toEqual(['good.csv', 'sub/fine.csv']);
  });

  it('is settled by a worker that may remove nothing, and by another recall to the end', async () => {
    await released();
    const stopped: ObjectStore = { ...fileStore, remove: () => Promise.reject(new Error('denied')) };
    await expect(recallBatch(stopped, dataset, 'b', why, key)).rejects.toThrow('denied');
    expect(await standingOf()).toEqual(RECALLED);
    await recallBatch(fileStore, dataset, 'b', why, key);
    expect(paths('released')).toEqual(['_verdict-2.json', 'verdict.json']);
  });
});

describe('the audit log', () => {
  const check = async () =>
    checkRecords(fileStore, dataset.vault, (await readLog(fileStore, at('vault/audit'))).entries);

  it('names each recall: one that was changed or slipped in is found', async () => {
    await released();
    await recallBatch(fileStore, dataset, 'b', why, key);
    const strange = (one: string) => !one.includes('record 000001.json');
    // The judgement was made without a log.
    expect((await check()).problems.filter(strange)).toEqual([]);
    const record = at('vault/batches/b/records/000003.json');
    writeFileSync(record, read('vault/batches/b/records/000003.json').replace('planted', 'nothing'));
    expect((await check()).problems.filter(strange)).toEqual([
      'record 000003.json of batch b is not one that the log knows: it was changed or slipped in',
    ]);
    rmSync(record);
    expect((await check()).problems.filter(strange)).toContain('record 3 is missing: 000004.json is there instead');
  });

  const ERASED = 'entry 2 says that batch b was recalled, and no record says so: where that was cut off, run it again';

  it('tells of a recall whose records were erased, or that was cut off, until it is done', async () => {
    await released();
    await recallBatch(fileStore, dataset, 'b', why, key);
    for (const number of [3, 4]) rmSync(at(`vault/batches/b/records/00000${number}.json`));
    expect((await check()).problems).toContain(ERASED);
    await recallBatch(fileStore, dataset, 'b', why, key);
    expect(await check()).toMatchObject({ problems: expect.not.arrayContaining([ERASED]), notCarriedOut: 1 });
  });

  it('counts a recall as not carried out that came second to another', async () => {
    await released();
    let isFirst = true;
    const create: ObjectStore['create'] = async (root, path, content) => {
      const isRecord = path.endsWith('records/000003.json');
      if (isRecord && isFirst) {
        isFirst = false;
        await recallBatch(fileStore, dataset, 'b', { ...why, by: 'ben' }, key);
      }
      return fileStore.create(root, path, content);
    };
    await recallBatch({ ...fileStore, create }, dataset, 'b', why, key);
    const { entries } = await readLog(fileStore, at('vault/audit'));
    expect(entries.filter(({ event }) => event === 'recall').map(({ by }) => by)).toEqual(['ann', 'ben']);
    const { problems, notCarriedOut } = await check();
    expect(problems.filter((problem) => problem.includes('was recalled'))).toEqual([]);
    expect(notCarriedOut).toBe(1);
  });
});

describe('what is to be recalled', () => {
  it('is found by the report of the decision that a verdict rests on, with all verdicts of its batch', async () => {
    await released();
    await recallBatch(fileStore, dataset, 'b', why, key);
    const report = { sources: [{ name: 'mallory' }], findings: [] };
    mkdirSync(at('vault/batches/b/decisions', FIRST.decision), { recursive: true });
    writeFileSync(at('vault/batches/b/decisions', FIRST.decision, 'report.json'), JSON.stringify(report));
    const { matching } = await findReleased(fileStore, dataset, { source: 'mallory' });
    expect(matching.map(({ released: files }) => files.map(({ path }) => path))).toEqual([
      ['good.csv', 'sub/fine.csv'],
      [],
    ]);
    expect((await findReleased(fileStore, dataset, { source: 'nobody' })).matching).toEqual([]);
    expect((await findReleased(fileStore, dataset, { source: 'mallory', batch: ['other'] })).matching).toEqual([]);
  });

  const [manifest, signers] = ['e'.repeat(64), ['acme']];
  const unsaid = { dataset: 'weather', manifest, trust: null, signers };
  const DIGEST = 'd'.repeat(64);
  const identities = ['data@lab.example'];
  const lab = { signer: 'lab', key: null, identities };
  const said = { ...unsaid, signatures: [{ signer: 'acme', key: DIGEST, identities: [] }, lab] };

  it.each<[string, object, object, boolean | undefined]>([
    ['is unclear by a report that does not note whom its manifest names', unsaid, { source: 'mallory' }, undefined],
    ['is clear by one whose rows name the source', unsaid, { source: 'eve' }, true],
    ['is unclear by a report that notes names alone, where it may be a key', unsaid, { signer: DIGEST }, undefined],
    ['is clear by one that another key has signed', { ...said, sources: [] }, { source: 'x', signer: 'ben' }, false],
    ['is clear by one that another has signed, whatever else is asked', said, { source: 'x', signer: 'ben' }, false],
    ['is clear by the name of a signer', said, { signer: 'acme' }, true],
    ['is clear by the digest of the key that has signed', said, { signer: DIGEST }, true],
    ['is clear by the identity that has signed', said, { signer: 'data@lab.example' }, true],
    ['is no identity of which it is the beginning', said, { signer: 'data@lab' }, false],
    ['is clear by the digest of a key that nobody has signed with', said, { signer: 'e'.repeat(64) }, false],
    ['is unclear by one whose signatures are odd', { ...unsaid, signatures: [{}] }, { signer: 'acme' }, undefined],
    ['is clear where no source is asked for', unsaid, { signer: 'acme' }, true],
    ['is clear where there was no manifest', { ...unsaid, manifest: null }, { source: 'mallory' }, false],
    ['is clear where it names others', { ...unsaid, sources: ['ben'] }, { source: 'mallory' }, false],
    ['is clear where it names the source', { ...unsaid, sources: ['mallory'] }, { source: 'mallory' }, true],
    ['is unclear by a report of odd provenance', { ...unsaid, sources: 5 }, { source: 'mallory' }, undefined],
    ['is unclear by one whose provenance is a number of sources', { sources: 5 }, { source: 'eve' }, undefined],
    ['is unclear by one whose signers are odd', { ...unsaid, signers: 5 }, { signer: 'acme' }, undefined],
  ])('%s', async (_, provenance, query, expected) => {
    const report = JSON.stringify({ sources: [{ name: 'eve' }], findings: [], provenance });
    await released();
    await fileStore.create(at('vault/batches/b/decisions', FIRST.decision), 'report.json', Buffer.from(report));
    const { matching, unclear } = await findReleased(fileStore, dataset, query);
    expect([matching.length, unclear.length]).toEqual([expected === true ? 1 : 0, expected === undefined ? 1 : 0]);
  });

  it('is looked for in several batches at once, not in all of them', async () => {
    await released();
    for (let number = 0; number < 40; number++) {
      cpSync(at('vault/batches/b'), at(`vault/batches/b${number}`), { recursive: true });
      cpSync(at('released/b'), at(`released/b${number}`), { recursive: true });
    }
    let [now, most] = [0, 0];
    const counted =
      <Given extends unknown[], Got>(work: (...given: Given) => Promise<Got>) =>
      async (...given: Given): Promise<Got> => {
        most = Math.max(most, ++now);
        return work(...given).finally(() => now--);
      };
    const store = { ...fileStore, find: counted(fileStore.find), read: counted(fileStore.read) };
    const { matching, unclear } = await findReleased(store, dataset, {});
    expect([matching.map(({ batch }) => batch), unclear.length, most]).toEqual([['b'], 40, 16]);
    most = 0;
    const { batches } = await findUnderway(store, dataset, {}, new Set(['b']));
    expect([batches, most]).toEqual([[...Array(40).keys()].map((number) => `b${number}`).sort(), 16]);
  });

  it('is no verdict that lies in the folder of another batch', async () => {
    await released();
    mkdirSync(at('released/other'));
    writeFileSync(at('released/other/verdict.json'), read('released/b/verdict.json'));
    const { matching } = await findReleased(fileStore, dataset, {});
    expect(matching.map(({ path }) => path)).toEqual([at('released/b/verdict.json')]);
  });

  it('is found where the service has no key to sign with', async () => {
    await judged();
    await enforce(fileStore, dataset, 'b', null);
    const { matching, unclear } = await findReleased(fileStore, dataset, {});
    expect([matching.map(({ batch }) => batch), unclear]).toEqual([['b'], []]);
  });

  it('is found beside what cannot be read or has no report, and these are told', async () => {
    await released();
    mkdirSync(at('released/other'));
    writeFileSync(at('released/other/verdict.json'), '{}');
    expect(await findReleased(fileStore, dataset, {})).toMatchObject({
      matching: [{ batch: 'b' }],
      unclear: [{ path: at('released/other/verdict.json') }],
    });
    const { matching, unclear } = await findReleased(fileStore, dataset, { source: 'mallory' });
    expect([matching, unclear.length]).toEqual([[], 2]);
  });

  it('is nothing that the vault does not know, which is told where it would be meant', async () => {
    await released();
    const { payload, ...envelope } = JSON.parse(read('released/b/verdict.json')) as { payload: string };
    const forged = Buffer.from(payload, 'base64').toString().replace('"name":"b"', '"name":"forged"');
    mkdirSync(at('released/forged'));
    const content = JSON.stringify({ ...envelope, payload: Buffer.from(forged).toString('base64') });
    writeFileSync(at('released/forged/verdict.json'), content);
    const path = at('released/forged/verdict.json');
    for (const query of [{ since: 0 }, { batch: ['b', 'forged'] }]) {
      const { matching, unclear } = await findReleased(fileStore, dataset, query);
      expect(matching.map(({ batch }) => batch)).toEqual(['b']);
      expect(unclear).toMatchObject([{ path, why: 'the vault does not know its batch' }]);
    }
    const { matching, others, unclear } = await findReleased(fileStore, dataset, { batch: ['b'] });
    expect([matching.length, others, unclear]).toEqual([1, [], []]);
  });

  it.each([
    ['takes back', () => {}],
    [
      'took back, also where it was put back',
      () => copyFileSync(at('released/b/verdict.json'), at('released/b/_verdict-3.json')),
    ],
  ])('was last good by no verdict that a later one %s', async (_, putBack) => {
    await released();
    const found = async () => {
      const { matching: others } = await findReleased(fileStore, dataset, { batch: ['b'] });
      const [one] = others as [FoundVerdict, ...FoundVerdict[]];
      const bad = { ...one, batch: 'bad', sha256: 'bad', verified: '9999-01-01T00:00:00.000Z' };
      return lastGoodOf({ matching: [bad], others, unclear: [] }, new Set(['bad']))?.path ?? null;
    };
    expect(await found()).toBe(at('released/b/verdict.json'));
    await judged(SECOND, Object.keys(FILES));
    await enforce(fileStore, dataset, 'b', key);
    expect(releasedBy('_verdict-2.json')).toEqual([]);
    putBack();
    expect(await found()).toBeNull();
  });

  it('may be on its way to be released: no verdict tells of it yet', async () => {
    await judged();
    const underway = async (query: Parameters<typeof findUnderway>[2]) =>
      (await findUnderway(fileStore, dataset, query, new Set())).batches;
    expect(await underway({ batch: ['b'] })).toEqual(['b']);
    expect(await underway({ batch: ['c'] })).toEqual([]);
    expect(await underway({ source: 'mallory' })).toEqual(['b']);
    mkdirSync(at('vault/batches/damaged/records'), { recursive: true });
    writeFileSync(at('vault/batches/damaged/records/000001.json'), '{}');
    expect(await findUnderway(fileStore, dataset, { batch: ['b'] }, new Set())).toMatchObject({
      batches: ['b'],
      unclear: [{ path: at('vault/batches/damaged') }],
    });
    await recallBatch(fileStore, dataset, 'b', why, key);
    expect(await standingOf()).toEqual(RECALLED);
    expect(releasedBy('verdict.json')).toEqual([]);
    expect(await underway({})).toEqual([]);
  });
});
