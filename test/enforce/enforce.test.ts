import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  addRecord,
  currentJudgement,
  findArrival,
  readRecords,
  recordJudgement,
  sealArrival,
} from '../../src/batch/index.js';
import { loadPolicy } from '../../src/config/index.js';
import { enforce, heldOf, type Review, recordReview } from '../../src/enforce/index.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { fileStore, type ObjectStore, sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
let services = 0;
/** In the folders of the service that was begun last: an audit log that is gone is not gone on with. */
const at = (...parts: string[]) => folder(`${services}`, ...parts);
const configured = () => ({
  name: 'd',
  incoming: at('in'),
  released: at('released'),
  quarantine: at('quarantine'),
  vault: at('vault'),
  keepOriginals: true,
  verdictDays: 90,
  approvals: 1,
  placement: 'copy' as const,
  policy: loadPolicy(undefined),
});
let dataset = configured();
let ofTwo = { ...dataset, approvals: 2 };
const DECISION_TEXT = '{"shards": [], "findings": []}';
const DECISION = sha256Of(DECISION_TEXT);
const PLAN = 'a'.repeat(64);
const RESTS = { policy: 'c'.repeat(64), baseline: 'c'.repeat(64), contract: null, manifest: null, trust: null };
const FILES = { 'good.csv': 'sound', 'bad.csv': 'poison', 'sub/fine.csv': 'sound as well' };

const read = (...path: string[]) => readFileSync(at(...path), 'utf8');
const paths = (root: string) =>
  existsSync(at(root))
    ? readdirSync(at(root), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort()
    : [];

/** A batch that is judged, again where it is by another plan: bad.csv is held. */
async function judged(decision = DECISION, plan = PLAN, held = ['bad.csv'], batch = 'b'): Promise<void> {
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, batch));
  const shards = Object.entries(FILES).map(([path, content]) => ({
    path,
    sha256: sha256Of(content),
    released: !held.includes(path),
  }));
  // As a rescan does: again where somebody else has recorded something meanwhile.
  for (let isAsked = false; !isAsked; ) {
    const records = await readRecords(fileStore, dataset.vault, batch);
    if ((currentJudgement(records)?.plan ?? plan) === plan) break;
    isAsked = await addRecord(fileStore, dataset.vault, batch, records.length, { kind: 'rescan', plan, at: 'now' });
  }
  await recordJudgement(
    fileStore,
    dataset.vault,
    batch,
    {
      kind: 'judged',
      plan,
      decision,
      mode: 'enforce',
      rests: RESTS,
      shards,
    },
    async () => {},
  );
}

const review = (action: 'release' | 'reject' | 'reopen', shards: string[], decision = DECISION) =>
  recordReview(fileStore, dataset, 'b', { action, shards, decision, reviewer: 'ann', reason: 'seen', at: 'now' });

/** As review, where a release takes two people. */
const reviewOfTwo = (reviewer: string, action: Review['action'], shards = ['bad.csv'], decision = DECISION) =>
  recordReview(fileStore, ofTwo, 'b', { action, shards, decision, reviewer, reason: 'seen', at: 'now' });

async function heldOfTwo() {
  mkdirSync(at('vault/batches/b/decisions', DECISION), { recursive: true });
  writeFileSync(at('vault/batches/b/decisions', DECISION, 'decision.json'), DECISION_TEXT);
  const held = await heldOf(fileStore, ofTwo, 'b');
  return held?.shards.map(({ path, approvals }) => [path, approvals]);
}

/** As if the uploader had replaced a shard once its copy was made. */
function replaceThen<T extends unknown[], R>(step: (...job: T) => R, job: T): R {
  writeFileSync(at('in/b/good.csv'), 'later');
  return step(...job);
}

function releasedBy(verdict: string): string[] {
  const { predicate } = JSON.parse(read('released/b', verdict)) as VerdictStatement;
  return predicate.shards.filter(({ released }) => released).map(({ name }) => name);
}

beforeEach(begin);

function begin(): void {
  services++;
  dataset = configured();
  ofTwo = { ...dataset, approvals: 2 };
  mkdirSync(at('in/b/sub'), { recursive: true });
  for (const [path, content] of Object.entries(FILES)) writeFileSync(at('in/b', path), content);
}

describe('enforcing', () => {
  /** A store with tags that notes what it is asked about shards. */
  function askedOf(asked: string[]): ObjectStore {
    const nameOf = (uri: string) => uri.slice(at('').length).replace(/^[/]/, '');
    return {
      ...fileStore,
      find: (root, path) => {
        if (path.endsWith('.csv')) asked.push(`find ${nameOf(root)}/${path}`);
        return fileStore.find(root, path);
      },
      copy: (from, root, path, sha256, tags) => {
        asked.push(`copy ${nameOf(root)}/${path} ${tags?.['taster-verdict']}`);
        return fileStore.copy(from, root, path, sha256);
      },
      create: (root, path, content) => {
        asked.push(`create ${path.split('/').at(-1)}`);
        return fileStore.create(root, path, content);
      },
      tag: async (uri, _, tags) => asked.push(`tag ${nameOf(uri)} ${tags['taster-verdict']}`) > 0,
    };
  }

  it('a shard costs a copy, and a tag once a verdict releases it, when nothing of its batch lies where it goes', async () => {
    await judged();
    const asked: string[] = [];
    await enforce(askedOf(asked), { ...dataset, keepOriginals: true }, 'b', null);
    // Files have no versions: whether the original is there is asked.
    expect(asked.filter((request) => /^(copy|tag|find (released|quarantine))/.test(request)).sort()).toEqual([
      'copy quarantine/b/bad.csv quarantined',
      'copy released/b/good.csv undefined',
      'copy released/b/sub/fine.csv undefined',
      'tag released/b/good.csv released',
      'tag released/b/sub/fine.csv released',
    ]);
    const fromVerdict = asked.slice(asked.indexOf('create verdict.json')).filter((one) => /verdict|tag/.test(one));
    expect(fromVerdict.sort()).toEqual([
      'create verdict.json',
      'tag released/b/good.csv released',
      'tag released/b/sub/fine.csv released',
    ]);
  });

  it('what an earlier try has copied is compared, and tagged whether it was tagged then or not', async () => {
    await judged();
    mkdirSync(at('released/b'), { recursive: true });
    writeFileSync(at('released/b/good.csv'), 'sound');
    const asked: string[] = [];
    await enforce(askedOf(asked), { ...dataset, keepOriginals: true }, 'b', null);
    expect(asked.filter((request) => request.includes('good.csv') && !request.startsWith('find in/b/'))).toEqual([
      'find released/b/good.csv',
      'tag released/b/good.csv released',
    ]);
  });

  it.each(['released', 'quarantine'])('asks for each copy where those in %s cannot be listed', async (root) => {
    await judged();
    const list: ObjectStore['list'] = (place) =>
      place.includes(`/${root}/`) ? Promise.reject(new Error('no such listing')) : fileStore.list(place);
    await enforce({ ...fileStore, list }, dataset, 'b', null);
    expect(read('released/b/good.csv')).toBe('sound');
    expect(read('quarantine/b/bad.csv')).toBe('poison');
  });

  it('takes the name of a batch for no pattern', async () => {
    cpSync(at('in/b'), at('in/[b]'), { recursive: true });
    mkdirSync(at('released/b'), { recursive: true });
    await judged(DECISION, PLAN, ['bad.csv'], '[b]');
    await enforce(fileStore, dataset, '[b]', null);
    expect(read('released/[b]/good.csv')).toBe('sound');
    expect(read('quarantine/[b]/bad.csv')).toBe('poison');
  });

  it('takes no copy that appears after the listing for its own', async () => {
    await judged();
    const store: ObjectStore = {
      ...fileStore,
      copy: (...job) => {
        mkdirSync(at('released/b'), { recursive: true });
        if (job[2] === 'b/good.csv') writeFileSync(at('released/b/good.csv'), 'planted');
        return fileStore.copy(...job);
      },
    };
    await expect(enforce(store, dataset, 'b', null)).rejects.toMatchObject({ code: 'TARGET_TAKEN' });
    expect(paths('released').filter((name) => name.startsWith('verdict'))).toEqual([]);
  });

  it('copies what is released and what is held to their places, the verdict last', async () => {
    await judged();
    const written: string[] = [];
    const store: ObjectStore = {
      ...fileStore,
      copy: (...job) => fileStore.copy(...job).finally(() => written.push(job[2])),
      create: (...job) => fileStore.create(...job).finally(() => written.push(job[1])),
    };
    await enforce(store, dataset, 'b', null);
    expect(written.slice(0, -4).sort()).toEqual(['b/bad.csv', 'b/good.csv', 'b/sub/fine.csv']);
    const kept = `batches/b/verdicts/${sha256Of(read('released/b/verdict.json'))}.json`;
    const last = [kept, 'b/verdict.json', '0000000001.json', 'batches/b/records/000002.json'];
    expect(written.slice(-4)).toEqual(last);
    expect(read('vault', kept)).toBe(read('released/b/verdict.json'));
    expect([read('released/b/good.csv'), read('quarantine/b/bad.csv')]).toEqual(['sound', 'poison']);
    expect(paths('released')).toEqual(['fine.csv', 'good.csv', 'verdict.json']);
    expect(paths('in')).toHaveLength(3);
  });

  it('says nothing by records that somebody else has gone beyond', async () => {
    await judged(DECISION, PLAN, []);
    let isOvertaken = false;
    const stalled: ObjectStore = {
      ...fileStore,
      find: async (root, path) => {
        if (path === 'b/verdict.json' && !isOvertaken) {
          isOvertaken = true;
          await judged('e'.repeat(64), 'b'.repeat(64), ['bad.csv']);
          await enforce(fileStore, dataset, 'b', null);
        }
        return fileStore.find(root, path);
      },
    };
    await enforce(stalled, dataset, 'b', null);
    expect(paths('released')).not.toContain('_verdict-2.json');
    expect(releasedBy('verdict.json')).toEqual(['good.csv', 'sub/fine.csv']);
  });

  it('goes on where it was cut off, whichever step that was', async () => {
    for (let steps = 0; steps < 14; steps++) {
      const gone = { ...dataset, keepOriginals: false };
      await judged();
      let left = steps;
      const orCutOff =
        <T extends unknown[], R>(step: (...job: T) => Promise<R>) =>
        async (...job: T) => {
          if (left-- === 0) throw new Error('cut off');
          return step(...job);
        };
      const { copy, create, remove } = fileStore;
      const store = { ...fileStore, copy: orCutOff(copy), create: orCutOff(create), remove: orCutOff(remove) };
      await enforce(store, gone, 'b', null).catch((error: Error) => expect(error.message).toBe('cut off'));
      await enforce(fileStore, gone, 'b', null);
      expect([paths('released'), paths('quarantine'), paths('in')]).toEqual([
        ['fine.csv', 'good.csv', 'verdict.json'],
        ['bad.csv'],
        [],
      ]);
      begin();
    }
  });

  it('writes one verdict when several do it at once', async () => {
    await judged();
    await Promise.all(Array.from({ length: 4 }, () => enforce(fileStore, dataset, 'b', null)));
    expect(paths('released')).toEqual(['fine.csv', 'good.csv', 'verdict.json']);
  });

  it('holds what has changed or gone since it was judged', async () => {
    await judged();
    writeFileSync(at('in/b/good.csv'), 'other');
    rmSync(at('in/b/sub/fine.csv'));
    const { shards } = await enforce(fileStore, { ...dataset, keepOriginals: false }, 'b', null);
    expect(shards).toMatchObject([
      { path: 'good.csv', standing: 'changed' },
      { path: 'bad.csv', standing: 'held' },
      { path: 'sub/fine.csv', standing: 'changed' },
    ]);
    expect([paths('released'), read('in/b/good.csv')]).toEqual([['verdict.json'], 'other']);
  });

  it('never overwrites, and takes nothing for released that somebody else has put there', async () => {
    await judged();
    mkdirSync(at('released/b'), { recursive: true });
    writeFileSync(at('released/b/good.csv'), 'forged');
    await expect(enforce(fileStore, dataset, 'b', null)).rejects.toMatchObject({ code: 'TARGET_TAKEN' });
    expect(read('released/b/good.csv')).toBe('forged');
    expect(paths('released')).not.toContain('verdict.json');
  });

  it('does not remove what has taken the place of a shard', async () => {
    await judged();
    const gone = { ...dataset, keepOriginals: false };
    const store = {
      ...fileStore,
      create: (...job: Parameters<ObjectStore['create']>) => replaceThen(fileStore.create, job),
    };
    await enforce(store, gone, 'b', null);
    expect([paths('in'), read('in/b/good.csv')]).toEqual([['good.csv'], 'later']);
  });
});

describe('a review', () => {
  it('releases a held shard from quarantine, in a verdict of its own', async () => {
    await judged();
    await enforce(fileStore, { ...dataset, keepOriginals: false }, 'b', null);
    await review('release', ['bad.csv']);
    await enforce(fileStore, dataset, 'b', null);
    expect(read('released/b/bad.csv')).toBe('poison');
    expect(releasedBy('_verdict-2.json')).toEqual(['bad.csv', 'good.csv', 'sub/fine.csv']);
    expect(releasedBy('verdict.json')).toEqual(['good.csv', 'sub/fine.csv']);
    expect(paths('quarantine')).toEqual(['bad.csv']);
  });

  it('fails when another decision holds by then', async () => {
    await judged();
    await judged('e'.repeat(64), 'b'.repeat(64));
    await expect(review('release', ['bad.csv'])).rejects.toMatchObject({ code: 'DECISION_CHANGED' });
    expect(await review('release', ['bad.csv'], 'e'.repeat(64))).toBe(4);
  });

  it('that races a rescan is about the decision that it names, or fails', async () => {
    await judged();
    const rescan = judged('e'.repeat(64), 'b'.repeat(64));
    const reviewed = await review('release', ['bad.csv']).then(
      (record) => record,
      (error) => error.code,
    );
    await rescan;
    // Before the wish for a rescan, between it and the new decision, or too late.
    expect([2, 3, 'DECISION_CHANGED']).toContain(reviewed);
    const { shards } = await enforce(fileStore, dataset, 'b', null);
    expect(shards).toContainEqual(expect.objectContaining({ path: 'bad.csv', standing: 'held' }));
  });

  it('is about shards that stand as it says', async () => {
    await judged();
    await expect(review('release', ['good.csv', 'none.csv'])).rejects.toThrow(
      'batch b: good.csv is released; it has no shard none.csv',
    );
    await review('reject', ['bad.csv']);
    await expect(review('release', ['bad.csv'])).rejects.toThrow('bad.csv is rejected');
    await review('reopen', ['bad.csv']);
    expect(await review('release', ['bad.csv'])).toBe(4);
  });
});

describe('where a release takes two people', () => {
  const standingOf = async () => (await enforce(fileStore, ofTwo, 'b', null)).shards.at(1)?.standing;

  it('counts once the second one has said it of the same decision', async () => {
    await judged();
    await reviewOfTwo('ann', 'release');
    expect([await standingOf(), paths('released/b')]).toEqual(['held', ['fine.csv', 'good.csv', 'verdict.json']]);
    await reviewOfTwo('ben', 'release');
    expect([await standingOf(), read('released/b/bad.csv')]).toEqual(['released', 'poison']);
  });

  it.each(['ann', ' Ann', 'ANN\u00a0', 'ａｎｎ'])('is not said twice by ann, nor by %j', async (name) => {
    await judged();
    await reviewOfTwo('ann', 'release');
    await expect(reviewOfTwo(name, 'release')).rejects.toThrow('has released bad.csv already');
  });

  it('counts the last word of each', async () => {
    await judged();
    await reviewOfTwo('ann', 'release');
    await reviewOfTwo('ann', 'release-without-rows');
    await reviewOfTwo('ben', 'release');
    expect(await standingOf()).toBe('held');
    await reviewOfTwo('ann', 'release');
    expect(await standingOf()).toBe('released');
  });

  it('begins anew after a rejection, a rescan, or where they want different things', async () => {
    await judged();
    await reviewOfTwo('ann', 'release');
    await reviewOfTwo('ben', 'release-without-rows');
    expect(await standingOf()).toBe('held');
    await reviewOfTwo('cid', 'reject');
    await reviewOfTwo('ann', 'reopen');
    await reviewOfTwo('ben', 'release');
    expect(await standingOf()).toBe('held');
    await judged('e'.repeat(64), 'b'.repeat(64));
    await expect(reviewOfTwo('ann', 'release')).rejects.toMatchObject({ code: 'DECISION_CHANGED' });
    await reviewOfTwo('ann', 'release', ['bad.csv'], 'e'.repeat(64));
    expect(await standingOf()).toBe('held');
  });

  it('is asked of each shard by itself', async () => {
    await judged(DECISION, PLAN, ['bad.csv', 'good.csv']);
    await reviewOfTwo('ann', 'release', ['bad.csv', 'good.csv']);
    await reviewOfTwo('ben', 'release', ['good.csv']);
    const { shards } = await enforce(fileStore, ofTwo, 'b', null);
    expect(shards.map(({ standing }) => standing)).toEqual(['released', 'held', 'released']);
    expect(await heldOfTwo()).toEqual([['bad.csv', [{ reviewer: 'ann', action: 'release' }]]]);
  });
});

it('shards are released without rows one at a time, by marks that are read once', async () => {
  const names = ['a.csv', 'b.csv', 'c.csv', 'd.csv'];
  const content = 'x,y\n1,a\n2,b\n3,c\n';
  rmSync(at('in'), { recursive: true, force: true });
  for (const name of names) await fileStore.create(at('in'), `b/${name}`, Buffer.from(content));
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, 'b'));
  const rows = names.flatMap((shard) => [false, true, false].map((withhold) => ({ shard, withhold })));
  const marks = tableToIPC(tableFromJSON(rows), 'file');
  await fileStore.create(at('vault/batches/b/decisions', DECISION), 'rows.arrow', marks);
  const shards = names.map((path) => ({ path, sha256: sha256Of(content), released: false }));
  const judgement = { plan: PLAN, decision: DECISION, mode: 'enforce', rests: RESTS, shards } as const;
  await recordJudgement(
    fileStore,
    dataset.vault,
    'b',
    { kind: 'judged', ...judgement, marks: sha256Of(marks) },
    async () => {},
  );
  const said = { reviewer: 'ann', reason: 'seen', at: 'now', decision: DECISION, shards: names };
  await recordReview(fileStore, dataset, 'b', { action: 'release-without-rows', ...said });
  const events: string[] = [];
  const watched: ObjectStore = {
    ...fileStore,
    read: (uri, version) => {
      events.push(basename(uri));
      return fileStore.read(uri, version);
    },
    stream: (uri, version) => {
      events.push(basename(uri));
      return fileStore.stream(uri, version);
    },
    create: (root, path, bytes) => {
      if (path.includes('.clean.')) events.push(basename(path).replace(sha256Of(bytes), 'sha256'));
      return fileStore.create(root, path, bytes);
    },
  };
  const { shards: placed } = await enforce(watched, dataset, 'b', null);
  expect(placed.map(({ standing }) => standing)).toEqual(names.map(() => 'cleaned'));
  expect(events.filter((name) => name === 'rows.arrow')).toHaveLength(1);
  expect(events.filter((name) => name.includes('.csv'))).toEqual(
    names.flatMap((name) => [name, `${name}.clean.sha256.parquet`]),
  );
});
