import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalPayload, checkApproval, envelopeText, seal, signedBy } from '../../src/attest/index.js';
import { entryName as auditName, entryText as auditText } from '../../src/audit/entry.js';
import { checkpointProblem, checkpointText, readLog } from '../../src/audit/index.js';
import { decodeArtefact } from '../../src/baseline/artefact/artefact.js';
import { keepVersions } from '../../src/batch/approved.js';
import { keepFit, openPlan, readFit, readSealedManifest, recordBytes } from '../../src/batch/index.js';
import { loadContract, loadPolicy, loadTrust, version } from '../../src/config/index.js';
import { checkRecords } from '../../src/enforce/index.js';
import { BadInput } from '../../src/errors.js';
import { makeVerdict, statusListText } from '../../src/gate/index.js';
import { openVerdict } from '../../src/gate/open-verdict.js';
import { statusProblems } from '../../src/gate/status-list.js';
import { entryName, entryText } from '../../src/ledger/entry.js';
import { readHistory } from '../../src/ledger/index.js';
import type { ApprovableKind, AuditEntry } from '../../src/schema/index.js';
import { type ObjectStore, sha256Of } from '../../src/store/index.js';
import { checkProvenance, makeManifest } from '../../src/verify/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, publicPem, trust, trusted } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { outcomeOf } from '../report/outcomes.js';
import { temporaryFolder } from '../temporary-folder.js';
import { changedBytes, changedEnvelope } from './mutate.js';

const at = temporaryFolder();
const PROMISED = 5000;
let mutations = 0;
afterAll(() => expect(mutations).toBeGreaterThanOrEqual(PROMISED));

const key = keyPair();
const made = new Date('2026-03-01T00:00:00Z');
const now = made.getTime() + 1000;
const kinds: readonly ApprovableKind[] = ['baseline', 'policy', 'contract'];
const policy = trust({
  senders: [trusted(key.open)],
  verifiers: [trusted(key.open)],
  approvers: [{ ...trusted(key.open), kinds: new Set(kinds) }],
  requireApproval: { baseline: {}, policy: {}, contract: {} },
});

/** Every change is refused, or, where it changes nothing that is said, tells what the original tells. */
function allRefused(
  changes: fc.Arbitrary<Uint8Array>,
  original: unknown,
  open: (content: Uint8Array) => unknown,
  runs: number,
) {
  fc.assert(
    fc.property(changes, (changed) => {
      mutations++;
      const told = open(changed);
      if (told !== REFUSED) expect(told).toEqual(original);
    }),
    { numRuns: runs },
  );
}

const REFUSED = Symbol('refused');

function refusedOr<T>(open: () => T): T | typeof REFUSED {
  try {
    return open();
  } catch (error) {
    if (error instanceof BadInput) return REFUSED;
    throw error;
  }
}

/** A store of these objects, as far as records are read. */
function objects(content: Readonly<Record<string, Uint8Array>>): ObjectStore {
  const stored = (path: string, within: string) => ({ path: within, uri: path, bytes: content[path]?.length ?? 0 });
  const named = (root: string) => root.replace(/^v\/?/, '').replace(/(.)$/, '$1/');
  return {
    find: async (root: string, path: string) =>
      content[named(root) + path] ? stored(named(root) + path, path) : undefined,
    list: async (root: string) =>
      Object.keys(content)
        .filter((path) => path.startsWith(named(root)))
        .sort()
        .map((path) => stored(path, path.slice(named(root).length))),
    folders: async (root: string) => [
      ...new Set(
        Object.keys(content).flatMap((path) =>
          path.startsWith(named(root)) ? path.slice(named(root).length).split('/').slice(0, -1).slice(0, 1) : [],
        ),
      ),
    ],
    read: async (uri: string) => content[uri.replace(/^v\//, '')] as Uint8Array,
    stream: async function* (uri: string) {
      yield content[uri.replace(/^v\//, '')] as Uint8Array;
    },
    create: async (root: string, path: string) => content[named(root) + path] === undefined,
  } as unknown as ObjectStore;
}

describe('whatever is changed of it, nobody takes it for what was signed:', () => {
  const names = ['a.csv', 'b.csv'];
  const shards = names.map((path) => ({ path, uri: path, rows: 1, sha256: sha256Of(path) }));

  it('a manifest', () => {
    const sent = shards.map((shard) => ({
      ...shard,
      bytes: 5,
      schema: sha256Of('schema'),
      parts: { bytes: 2 ** 20, sha256: [shard.sha256] },
    }));
    const parents = [{ name: 'raw', digest: { sha256: sha256Of('raw') } }];
    const details = {
      dataset: 'weather',
      batch: 'monday',
      source: 'acme',
      created: made,
      expires: new Date(now + 9e9),
      parents,
    };
    const statement = makeManifest(
      sent.map(({ uri: _, ...shard }) => shard),
      details,
    );
    const text = Buffer.from(envelopeText(seal(Buffer.from(JSON.stringify(statement)), [key.own])));
    const arrived = sent.map(({ parts: _, ...shard }) => ({ ...shard, sources: [] as string[] }));
    const open = (content: Uint8Array) => {
      const { provenance, manifest } = checkProvenance(content, arrived, {
        trust: policy,
        dataset: 'weather',
        batch: 'monday',
        now,
      });
      return provenance.batch.some(({ holds }) => holds) ? REFUSED : manifest?.claim;
    };
    const original = open(text);
    expect(original).toMatchObject({ dataset: 'weather', parents });
    allRefused(changedEnvelope(text), original, open, 1200);
  });

  it('a verdict', () => {
    const outcome = outcomeOf(names, {}, { shards });
    const verdict = makeVerdict(outcome, { dataset: 'weather', verified: made, expires: new Date(now + 9e9) });
    const text = Buffer.from(envelopeText(seal(Buffer.from(JSON.stringify(verdict)), [key.own])));
    const open = (content: Uint8Array) => {
      const opened = openVerdict(content, { trust: policy, dataset: 'weather', now });
      return 'problems' in opened ? REFUSED : opened.statement;
    };
    expect(open(text)).toEqual(verdict);
    allRefused(changedEnvelope(text), verdict, open, 1200);
  });

  it('a list of recalled batches', () => {
    const recalled = [
      { batch: 'b', dataset: 'weather', sha256: sha256Of('b'), reason: 'r', recalled: made.toISOString() },
    ];
    const list = { issued: made.toISOString(), expires: new Date(now + 9e9).toISOString(), recalled };
    const text = Buffer.from(statusListText(list, key.own));
    const problems = (content: Uint8Array, sha256: string) =>
      statusProblems(content, { sha256, dataset: 'weather' }, { trust: policy, now });
    expect(problems(text, sha256Of('good'))).toEqual([]);
    const recalledStill = (content: Uint8Array) => problems(content, sha256Of('b')).length > 0;
    allRefused(changedEnvelope(text), true, recalledStill, 600);
  });

  it.each(kinds)('the approval of a %s', (kind) => {
    const sha256 = sha256Of(kind);
    const approval = {
      kind,
      dataset: 'weather',
      version: 2,
      sha256,
      first: kind === 'baseline' ? sha256Of('first') : null,
    };
    const text = Buffer.from(signedBy(approvalPayload(approval, `${kind}.file`, made), key.own));
    const open = (content: Uint8Array) => {
      const checked = checkApproval(content, { trust: policy, kind, dataset: 'weather', sha256, now });
      return 'problem' in checked ? REFUSED : checked;
    };
    const original = open(text);
    expect(original).toEqual({ ...approval, signers: ['acme'] });
    allRefused(changedEnvelope(text), original, open, 500);
  });
});

describe('what batches are judged by', () => {
  const demand = { trust: policy, dataset: 'weather' };
  const rules = {
    policy: { content: '{ "mode": "enforce", "tolerance": 0.01 }\n', load: loadPolicy },
    contract: {
      content: '{ "version": 1, "columns": [{ "name": "a", "type": "number", "role": "feature" }] }\n',
      load: loadContract,
    },
  };

  it.each(Object.entries(rules))(
    'is no signed %s any more, whatever byte of it is changed',
    (kind, { content, load }) => {
      const approval = {
        kind: kind as ApprovableKind,
        dataset: 'weather',
        version: 1,
        sha256: sha256Of(content),
        first: null,
      };
      const signature = signedBy(approvalPayload(approval, `${kind}.json`, made), key.own);
      writeFileSync(at(`${kind}.json.sig`), signature);
      const open = (changed: Uint8Array) => {
        writeFileSync(at(`${kind}.json`), changed);
        return refusedOr(() => load(at(`${kind}.json`), demand));
      };
      expect(open(Buffer.from(content))).not.toBe(REFUSED);
      allRefused(changedBytes(Buffer.from(content)), undefined, open, 300);
    },
  );

  it('has another digest of its trust policy, or of a key that this names', () => {
    const entry = { name: 'scanner', key: 'scanner.pub.pem', datasets: ['weather'], until: '2027-01-01T00:00:00Z' };
    const files = {
      'trust.json': Buffer.from(JSON.stringify({ version: 1, verifiers: [entry], requireStatus: true })),
      'scanner.pub.pem': Buffer.from(publicPem(key.open)),
    };
    const write = () => {
      for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content);
    };
    write();
    const { sha256 } = loadTrust(at('trust.json'));
    for (const name of ['trust.json', 'scanner.pub.pem'] as const) {
      const open = (changed: Uint8Array) => {
        writeFileSync(at(name), changed);
        const told = refusedOr(() => loadTrust(at('trust.json')).sha256);
        // Blanks between its fields mean nothing.
        return told === sha256 && name === 'trust.json'
          ? JSON.parse(`${Buffer.from(changed)}`)
          : told === sha256 || REFUSED;
      };
      allRefused(changedBytes(files[name]), JSON.parse(`${files['trust.json']}`), open, 300);
      write();
    }
  });

  it('is no plan any more, whatever byte of it is changed', async () => {
    const settings = { baseline: null, columns: {}, contract: null, policy: loadPolicy(undefined), trust: null };
    const plan = recordBytes({ version: 1, taster: version, backend: 'wasm', ...settings });
    const path = `plans/${sha256Of(plan)}.json`;
    const open = (content: Uint8Array) => openPlan(objects({ [path]: content }), 'v', sha256Of(plan));
    expect(await open(plan)).toMatchObject({ name: sha256Of(plan) });
    await fc.assert(
      fc.asyncProperty(changedBytes(plan), async (changed) => {
        mutations++;
        await expect(open(changed)).rejects.toThrow('it is not what its name says');
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a vault keeps, whatever byte of it is changed,', () => {
  /** With something in its place, `open` refuses or tells the same; it may tell of what is lost as well. */
  const neverPasses = async (path: string, content: Uint8Array, open: (store: ObjectStore) => Promise<unknown>) => {
    const told = await open(objects({ [path]: content }));
    await fc.assert(
      fc.asyncProperty(changedBytes(content), async (changed) => {
        mutations++;
        const outcome = await open(objects({ [path]: changed })).catch((error: unknown) => {
          if (error instanceof BadInput) return REFUSED;
          throw error;
        });
        if (outcome !== REFUSED) expect(outcome).toEqual(told);
      }),
      { numRuns: 300 },
    );
  };

  it.each(kinds)('lets no older version of a %s be used, nor another file of the last', async (kind) => {
    const used = { kind, version: 2, sha256: sha256Of('used') };
    const approval = (version: number, name: string) => [
      { ...used, version, sha256: sha256Of(name), dataset: 'd', first: null, signers: ['acme'] },
    ];
    const path = `versions/${kind}/000002/used.json`;
    await keepVersions(objects({ [path]: recordBytes(used) }), 'v', approval(2, 'used'));
    for (const other of [approval(1, 'older'), approval(2, 'other')]) {
      const open = (store: ObjectStore) =>
        keepVersions(store, 'v', other).then(
          () => 'used',
          (error: unknown) => (error instanceof BadInput ? 'refused' : Promise.reject(error)),
        );
      expect(await open(objects({ [path]: recordBytes(used) }))).toBe('refused');
      await neverPasses(path, recordBytes(used), open);
      for (const told of [
        { ...used, version: 1, sha256: sha256Of('older') },
        { ...used, kind: kinds.find((one) => one !== kind) },
      ])
        expect(await open(objects({ [path]: recordBytes(told) }))).toBe('refused');
    }
  });

  it('is no other manifest than was sealed', async () => {
    const manifest = Buffer.from(envelopeText(seal(Buffer.from('{}'), [key.own])));
    const sealed = {
      version: 1,
      dataset: 'd',
      batch: 'b',
      folder: 'b',
      manifest: sha256Of(manifest),
      shards: [],
    } as const;
    await neverPasses(`batches/b/manifests/${sha256Of(manifest)}.json`, manifest, async (store) =>
      Buffer.from((await readSealedManifest(store, 'v', sealed)) ?? []),
    );
    await expect(readSealedManifest(objects({}), 'v', sealed)).rejects.toThrow('it is gone');
  });

  it('is no other fit than a job was told to go by', async () => {
    const content = Buffer.from('what was fitted on rows of the batch');
    const work = { batch: 'b', plan: sha256Of('plan') };
    const sha256 = await keepFit(objects({}), 'v', work, content);
    const path = `fits/${sha256Of(JSON.stringify([work.batch, work.plan]))}/${sha256}`;
    await neverPasses(path, content, async (store) =>
      Buffer.from(await readFit(store, 'v', { ...work, fit: { sha256 } })),
    );
  });

  it('is no other witness of an earlier batch', async () => {
    const bets = [{ kind: 'label-flip', pValue: 0.25, excessRows: 1.5, variance: 2 } as const];
    const entry = {
      ...{ baseline: sha256Of('baseline'), policy: sha256Of('policy'), tolerance: 0.005 },
      shards: [{ sha256: sha256Of('shard'), rows: 100 }],
      accounts: [{ scope: 'source', signer: 'acme', source: 'ann', rows: 100, bets } as const],
    };
    const path = `ledger/${entryName(entry)}.json`;
    const open = (store: ObjectStore) => readHistory(store, 'v/ledger', [], 0.005);
    expect((await open(objects({ [path]: Buffer.from(entryText(entry)) }))).batches).toHaveLength(1);
    await neverPasses(path, Buffer.from(entryText(entry)), open);
  });
});

describe('a built baseline', () => {
  let artefact: Buffer;
  beforeAll(async () => {
    await writeFiles(at('trusted'), { 'a.csv': tabularCsv('a', 150) });
    await taster('baseline', 'build', at('trusted'), '--out', at('b.taster'), '--quiet');
    artefact = await readFile(at('b.taster'));
  });

  const open = (content: Uint8Array) => {
    try {
      return decodeArtefact(content, 'b.taster').sha256;
    } catch {
      return REFUSED;
    }
  };

  it('has another digest than was signed, or none, whatever byte of it is changed', () => {
    const signed = open(artefact);
    const head = artefact.indexOf(10, artefact.indexOf(10) + 1) + 1;
    const refused = (content: Uint8Array) => (open(content) === signed ? 'the signed one' : REFUSED);
    const inHead = changedBytes(artefact.subarray(0, head)).map((part) =>
      Buffer.concat([part, artefact.subarray(head)]),
    );
    allRefused(inHead, undefined, refused, 400);
    allRefused(changedBytes(artefact), undefined, refused, 400);
  });
});

describe('an audit log', () => {
  const entries: Buffer[] = [];
  for (const sequence of [1, 2, 3, 4]) {
    const previous = sequence === 1 ? null : sha256Of(entries.at(-1) as Buffer);
    const act = {
      event: 'gate-pass',
      dataset: 'weather',
      batch: null,
      by: `trainer ${sequence}`,
      facts: { shards: sequence },
    } as const;
    entries.push(Buffer.from(auditText(act, { sequence, previous, time: made.toISOString() })));
  }
  const logOf = (changed: Readonly<Record<number, Uint8Array>> = {}) =>
    objects(
      Object.fromEntries(entries.map((text, index) => [`audit/${auditName(index + 1)}`, changed[index] ?? text])),
    );
  const problemOf = async (store: ObjectStore, checkpoint: Uint8Array) => {
    try {
      return checkpointProblem(await readLog(store, 'v/audit'), checkpoint, { trust: policy, now });
    } catch (error) {
      return String(error);
    }
  };

  it('is not taken for whole when an entry is changed, the last one too where there is a checkpoint', async () => {
    const checkpoint = Buffer.from(checkpointText(await readLog(logOf(), 'v/audit'), key.own, made));
    expect(await problemOf(logOf(), checkpoint)).toBeUndefined();
    const change = fc
      .nat(3)
      .chain((index) => changedBytes(entries[index] as Buffer).map((text) => ({ [index]: text })));
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        mutations++;
        expect(await problemOf(logOf(changed), checkpoint)).toBeDefined();
      }),
      { numRuns: 800 },
    );
    // A checkpoint that was changed proves nothing: it is refused, or says what it said.
    const cut = objects(
      Object.fromEntries(entries.slice(0, 3).map((text, index) => [`audit/${auditName(index + 1)}`, text])),
    );
    await fc.assert(
      fc.asyncProperty(changedEnvelope(checkpoint), async (changed) => {
        mutations++;
        expect(await problemOf(cut, changed)).toBeDefined();
      }),
      { numRuns: 600 },
    );
  });
});

describe('records that are not signed', () => {
  const decision = recordBytes({ verdict: 'quarantine', shards: [{ path: 'a.csv', verdict: 'quarantine' }] });
  const marks = Buffer.from('marks of rows');
  const report = Buffer.from('{"report": true}');
  const judged = recordBytes({
    kind: 'judged',
    decision: sha256Of(decision),
    shards: [{ path: 'a.csv', released: false }],
  });
  const reviewed = recordBytes({ kind: 'reviewed', action: 'reject', reviewer: 'ann', shards: ['a.csv'] });
  const settledOf = { kind: 'settled', verdict: 'verdict.json', changed: [] };
  const settled = recordBytes(settledOf);
  const of = (kind: string) => ({ kind, reason: 'planted', by: 'ann', at: made.toISOString() });
  const [recalled, lifted] = [
    { ...of('recalled'), released: ['a.csv'] },
    { ...of('lifted'), recall: 4 },
  ];
  const rescan = { kind: 'rescan', plan: sha256Of('plan'), at: made.toISOString() };
  const withEntry = (record: object, entry: number) => recordBytes({ ...record, entry });
  const batchSeal = recordBytes({ version: 1, batch: 'b', shards: [{ path: 'a.csv', uri: 'in/b/a.csv', bytes: 1 }] });
  const pause = recordBytes({ kind: 'paused', why: 'flood', by: 'ann', at: made.toISOString() });
  const rules = ['first', 'then'].map((name) =>
    recordBytes({ version: 1, plan: sha256Of('plan'), policy: sha256Of(name) }),
  );
  const [before, after] = rules as [Uint8Array, Uint8Array];
  const candidate = recordBytes({ rows: 300, shares: [{ signer: 'acme', rows: 300 }] });
  const approval = Buffer.from('an approval');
  const decided = `batches/b/decisions/${sha256Of(decision)}`;
  const vault: Readonly<Record<string, Uint8Array>> = {
    'batches/b/records/000001.json': judged,
    'batches/b/records/000002.json': reviewed,
    'batches/b/records/000003.json': settled,
    'batches/b/records/000004.json': withEntry(recalled, 7),
    'batches/b/records/000005.json': settled,
    'batches/b/records/000006.json': withEntry(lifted, 9),
    'batches/b/records/000007.json': withEntry(rescan, 10),
    'batches/b/seal.json': batchSeal,
    'pauses/000001.json': pause,
    'versions/rules/000001.json': before,
    'versions/rules/000002.json': after,
    [`${decided}/decision.json`]: decision,
    [`${decided}/rows.arrow`]: marks,
    [`${decided}/report.json`]: report,
    'candidates/c/candidate.json': candidate,
    'promotions/000002/approval.json': approval,
  };
  const protectedPaths = Object.keys(vault);
  const batch = { name: 'b', sha256: sha256Of('b') };
  const facts = {
    decision: sha256Of(decision),
    marks: sha256Of(marks),
    report: sha256Of(report),
    record: sha256Of(judged),
    seal: sha256Of(batchSeal),
    plan: sha256Of('plan'),
    rescan: null,
  };
  const entries: Pick<AuditEntry, 'sequence' | 'event' | 'batch' | 'facts'>[] = [
    { sequence: 1, event: 'decision', batch, facts },
    { sequence: 2, event: 'review', batch, facts: { record: sha256Of(reviewed) } },
    {
      sequence: 3,
      event: 'promotion',
      batch: null,
      facts: { baseline: 'c', number: 2, candidate: sha256Of(candidate) },
    },
    { sequence: 4, event: 'promotion', batch: null, facts: { baseline: 'c', number: 2, approval: sha256Of(approval) } },
    { sequence: 5, event: 'decision', batch: null, facts: { artefact: 'c' } },
    { sequence: 6, event: 'settled', batch, facts: { number: 3, record: sha256Of(settled) } },
    { sequence: 7, event: 'recall', batch, facts: { number: 4, record: sha256Of(recordBytes(recalled)) } },
    { sequence: 8, event: 'settled', batch, facts: { number: 5, record: sha256Of(settled) } },
    { sequence: 9, event: 'lift', batch, facts: { number: 6, record: sha256Of(recordBytes(lifted)) } },
    { sequence: 10, event: 'rescan', batch, facts: { number: 7, record: sha256Of(recordBytes(rescan)) } },
    { sequence: 11, event: 'pause', batch: null, facts: { number: 1, record: sha256Of(pause) } },
    {
      ...{ sequence: 12, event: 'policy-change', batch: null },
      facts: { number: 2, plan: sha256Of('plan'), record: sha256Of(after), before: sha256Of(before) },
    },
  ];
  const problemsOf = async (content: Readonly<Record<string, Uint8Array>>) =>
    (await checkRecords(objects(content), 'v', entries)).problems;

  it('are those that the audit log names', async () => {
    expect(await problemsOf(vault)).toEqual([]);
  });

  it('are found changed, whatever byte it is', async () => {
    const change = fc
      .constantFrom(...protectedPaths)
      .chain((path) => changedBytes(vault[path] as Uint8Array).map((content) => ({ path, content })));
    await fc.assert(
      fc.asyncProperty(change, async ({ path, content }) => {
        mutations++;
        expect(await problemsOf({ ...vault, [path]: content })).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  // Nothing rests on a rescan that is not decided on yet.
  it.each(protectedPaths.filter((path) => !path.includes('000007')))('are found missing: %s', async (path) => {
    const { [path]: _, ...rest } = vault;
    expect(await problemsOf(rest)).not.toEqual([]);
  });

  it.each<[string, string, object]>([
    ['a recall of no entry', '000004', recalled],
    ['a recall of another entry', '000004', { ...recalled, entry: 8 }],
    ['that all is done, with a shard that no verdict is to release', '000008', { ...settledOf, changed: ['a.csv'] }],
    ['that all is done, as it was said before', '000008', settledOf],
  ])('are found slipped in: %s', async (_, number, record) => {
    const path = `batches/b/records/${number}.json`;
    expect(await problemsOf({ ...vault, [path]: recordBytes(record) })).toEqual([
      expect.stringContaining(`record ${number}.json of batch b is not one that the log knows`),
    ]);
  });

  it('are found slipped in: that a paused dataset runs again', async () => {
    const resumed = recordBytes({ kind: 'resumed', why: null, by: 'ann', at: made.toISOString() });
    expect(await problemsOf({ ...vault, 'pauses/000002.json': resumed })).toEqual([
      'pauses/000002.json is not one that the log knows: it was slipped in',
    ]);
  });

  it('are found slipped in: a batch that the log does not name', async () => {
    expect(await problemsOf({ ...vault, 'batches/other/records/000001.json': judged })).toEqual([
      expect.stringContaining('record 000001.json of batch other is not one that the log knows'),
    ]);
  });

  it('are found slipped in: a release that nobody has said', async () => {
    const release = recordBytes({ kind: 'reviewed', action: 'release', reviewer: 'ann', shards: ['a.csv'] });
    expect(await problemsOf({ ...vault, 'batches/b/records/000008.json': release })).toEqual([
      expect.stringContaining('is not one that the log knows'),
    ]);
  });
});
