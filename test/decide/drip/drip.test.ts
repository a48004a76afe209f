import { beforeAll, describe, expect, it } from 'vitest';
import type { ShardAssessment } from '../../../src/assess/index.js';
import type { Baseline } from '../../../src/baseline/index.js';
import { betAndTest } from '../../../src/decide/drip/index.js';
import { type Decided, decide, type Policy } from '../../../src/decide/index.js';
import type { History, PastBatch } from '../../../src/ledger/index.js';
import { defaultShardLimits } from '../../../src/schema/index.js';
import { assessmentOf, type BatchRow, baselineOf, Rows } from '../batches.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const NAMES = ['ann', 'ben', 'cleo', 'dan'];
const ROWS = 800;
const baseline = baselineOf(new Rows('trusted').many(1500));

type Draw = (rows: Rows, source: string, batch: number) => BatchRow | undefined;
type NameOf = (row: number, batch: number) => string | null;

/** Two shards. */
function batchOf(seed: string, batch: number, draw: Draw, nameOf: NameOf): ShardAssessment[] {
  const rows = new Rows(`${seed}/${batch}`);
  const drawn = rows.many(ROWS, (row) => {
    const source = nameOf(row, batch);
    return { ...(draw(rows, source ?? '', batch) ?? rows.sound()), source };
  });
  return [0, 1].map((half) =>
    assessmentOf(`${batch}-${half}.csv`, drawn.slice((half * ROWS) / 2, ((half + 1) * ROWS) / 2), baseline),
  );
}

const byTurns: NameOf = (row) => NAMES[row % NAMES.length] ?? null;
const NONE: History = { sha256: '0'.repeat(64), batches: [], leftOut: 0 };

/** Judges batch after batch, each with the ledger that those before have left. */
function judgeAll(
  seed: string,
  batches: number,
  draw: Draw,
  nameOf: NameOf = byTurns,
  against: Baseline = baseline,
  signerOf = (_: number) => '',
) {
  const past: PastBatch[] = [];
  const told: Decided[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const assessments = batchOf(seed, batch, draw, nameOf);
    const signer = signerOf(batch);
    const decided = decide(assessments, against, POLICY, `day-${batch}`, [], {
      history: { ...NONE, batches: [...past] },
      signer,
    });
    past.push({ signer, baseline: against.sha256, rows: ROWS, accounts: decided.accounts ?? [] });
    told.push(decided);
  }
  return { told, past };
}

const findings = ({ decision }: Decided) =>
  decision.findings.filter(({ kind }) => kind === 'slow-drip').map(({ scope, subject }) => `${scope} ${subject}`);
const oneIn = (rows: Rows, share: number) => (rows.random() < share ? rows.flipped() : undefined);

describe('a source that flips few of its labels in every batch', () => {
  let last: Decided;
  let told: readonly Decided[];
  beforeAll(() => {
    ({ told } = judgeAll('drip', 12, (rows, source) => (source === 'cleo' ? oneIn(rows, 0.06) : undefined)));
    last = told.at(-1)!;
  });

  it('is condemned by its record, and no other is', () => {
    expect(findings(last)).toEqual(['source cleo']);
    expect(told.flatMap(findings).filter((found) => found !== 'source cleo')).toEqual([]);
    expect(last.decision.sources.filter(({ condemned }) => condemned).map(({ name }) => name)).toEqual(['cleo']);
  });

  it('is not condemned before the third batch', () => {
    expect(told.slice(0, 2).flatMap(findings)).toEqual([]);
  });

  it('has its rows withheld, the worst of them suspect, and every shard with them held', () => {
    const id = 'slow-drip/source/cleo';
    expect(last.withheld).toContainEqual({ finding: id, where: { sources: new Set(['cleo']) } });
    const selection = last.selections.find(({ finding }) => finding === id);
    expect(selection).toMatchObject({ kind: 'label-flip', where: { sources: new Set(['cleo']) } });
    expect(Math.abs(selection!.rows - 12)).toBeLessThan(6);
    expect(last.decision.shards.every(({ findings: ids }) => ids.includes(id))).toBe(true);
  });

  it('is said to have done so over how many batches and rows', () => {
    const finding = last.decision.findings.find(({ kind }) => kind === 'slow-drip')!;
    expect(finding.evidence.summary).toMatch(
      /^"cleo" over 12 batches and 2,400 rows: about 1\d\d more rows than among the other sources .* e-value .*, alarm at [\d,]+\.$/,
    );
    expect(finding.evidence.numbers).toMatchObject({ batches: 12, rowsOverBatches: 2400, seenBy: 'label-flip' });
  });

  it('opens the gate as a family of its own', () => {
    const family = last.decision.families.find((one) => one.family === 'ledger');
    expect(family).toMatchObject({ level: 0.01 / 6, rejected: true });
  });
});

describe('clean batches', () => {
  it('are released one after the other', () => {
    const { told } = judgeAll('clean', 10, () => undefined);
    expect(told.map(({ decision }) => decision.verdict)).toEqual(told.map(() => 'release'));
  });

  it('whose sources share a drift condemn none of them', () => {
    const { told } = judgeAll('drift', 8, (rows) => oneIn(rows, 0.03));
    expect(told.flatMap(findings).filter((found) => found.startsWith('source'))).toEqual([]);
  });
});

describe('who gains nothing by changing names', () => {
  const fresh: NameOf = (row, batch) => (row % 2 === 0 ? NAMES[(row / 2) % 4]! : `new-${batch}-${row % 20}`);

  it('is condemned with all that are new', () => {
    const { told } = judgeAll(
      'fresh',
      10,
      (rows, name) => (name.startsWith('new') ? oneIn(rows, 0.06) : undefined),
      fresh,
    );
    const last = told.at(-1)!;
    expect(findings(last)).toContain('source first-seen');
    // The batch as a whole shows it as well, and holds nothing for it.
    expect(last.withheld.every(({ where }) => where.sources !== undefined)).toBe(true);
    const condemned = last.decision.sources.filter((source) => source.condemned).map(({ name }) => name);
    expect(condemned.length).toBe(10);
    expect(condemned.every((name) => name.startsWith('new-9-'))).toBe(true);
  });

  it('is not condemned for being new', () => {
    expect(judgeAll('new', 8, () => undefined, fresh).told.flatMap(findings)).toEqual([]);
  });
});

describe('a source name that two signers use', () => {
  const signerOf = (batch: number) => (batch % 2 === 0 ? 'mallory' : 'acme');
  let told: readonly Decided[];
  let past: readonly PastBatch[];
  beforeAll(() => {
    const spoil: Draw = (rows, source, batch) =>
      source === 'cleo' && signerOf(batch) === 'mallory' ? oneIn(rows, 0.06) : undefined;
    ({ told, past } = judgeAll('signers', 24, spoil, byTurns, baseline, signerOf));
  });
  const signedBy = (signer: string) => told.filter((_, batch) => signerOf(batch) === signer);

  it('is condemned for the signer who spoils it, and for no other', () => {
    expect(findings(signedBy('mallory').at(-1)!)).toEqual(['source cleo']);
    expect(signedBy('acme').flatMap(findings)).toEqual([]);
  });

  it('is said to be whose', () => {
    const finding = signedBy('mallory')
      .at(-1)!
      .decision.findings.find(({ kind }) => kind === 'slow-drip');
    expect(finding).toMatchObject({ signer: 'mallory', evidence: { numbers: { batches: 12 } } });
    expect(finding?.evidence.summary).toContain('"cleo" signed by mallory over 12 batches');
  });

  it('is new to a signer who has not sent it yet', () => {
    const judged = batchOf('new to acme', 0, () => undefined, byTurns);
    const on = { baseline, judged, tolerance: 0.005, seed: 'new', signer: 'acme' };
    const batches = past.map((one) => {
      const isHidden = ({ source }: PastBatch['accounts'][number]) => one.signer === 'acme' && source === 'cleo';
      return { ...one, accounts: one.accounts.filter((account) => !isHidden(account)) };
    });
    const { firstSeen, accounts } = betAndTest(on, { ...NONE, batches }, 0.01);
    expect([...firstSeen]).toEqual(['cleo']);
    expect(new Set(accounts.map(({ scope, signer }) => `${scope} of ${signer}`))).toEqual(
      new Set(['source of acme', 'first-seen of acme', 'batch of acme']),
    );
  });

  it('has the level of whole batches shared by rows', () => {
    const judged = batchOf('shared', 0, () => undefined, byTurns);
    const alarmAfter = (signer: string) => {
      const history = { ...NONE, batches: [{ signer, baseline: baseline.sha256, rows: ROWS, accounts: [] }] };
      const on = { baseline, judged, tolerance: 0.005, seed: 'shared', signer: 'acme' };
      return betAndTest(on, history, 0.01).outcomes.find(({ account }) => account.scope === 'batch')!.logAlarm;
    };
    expect(alarmAfter('mallory') - alarmAfter('acme')).toBeCloseTo(Math.log(2), 10);
  });
});

describe('a source that one batch condemns', () => {
  it('is told with the signer of the batch, where there is one', () => {
    const assessments = batchOf('bad', 0, (rows, source) => (source === 'dan' ? oneIn(rows, 0.3) : undefined), byTurns);
    const signerIn = (signer?: string) =>
      decide(assessments, baseline, POLICY, 'day', [], signer === undefined ? {} : { signer })
        .decision.findings.filter(({ scope }) => scope === 'source')
        .map((finding) => [finding.subject, finding.signer]);
    expect(signerIn('acme')).toEqual([['dan', 'acme']]);
    expect(signerIn()).toEqual([['dan', undefined]]);
  });
});

describe('accounts', () => {
  it('are of sources, of those that are new, and of the whole batch', () => {
    const { past } = judgeAll(
      'accounts',
      2,
      () => undefined,
      (row, batch) => (row % 100 === 0 ? 'rare' : byTurns(row, batch)),
    );
    const scopes = past[1]!.accounts.map(({ scope, source }) => source ?? scope);
    expect(scopes).toEqual([...NAMES, 'first-seen', 'batch']);
  });

  it('are of the batch alone where sources have no names', () => {
    const { past } = judgeAll(
      'nameless',
      1,
      () => undefined,
      () => null,
    );
    expect(past[0]!.accounts.map(({ scope }) => scope)).toEqual(['batch']);
  });

  it('are of sources alone where a batch is its own measure', () => {
    const { past } = judgeAll('twin', 2, () => undefined, byTurns, { ...baseline, twin: baseline });
    expect(past[1]!.accounts.map(({ scope }) => scope)).toEqual(NAMES.map(() => 'source'));
  });

  it('there are none without a ledger, and nothing else changes', () => {
    const assessments = batchOf('without', 0, () => undefined, byTurns);
    const decided = decide(assessments, baseline, POLICY, 'day');
    expect(decided.accounts).toBeUndefined();
    expect(decided.decision.families.map(({ family }) => family)).not.toContain('ledger');
  });
});

describe('poison spread over all rows of all batches', () => {
  const many = baselineOf(new Rows('many trusted').many(12_000));

  it('condemns the stream as a whole, against trusted rows', () => {
    const { told } = judgeAll(
      'whole',
      8,
      (rows) => oneIn(rows, 0.06),
      () => null,
      many,
    );
    expect(findings(told.at(-1)!)).toEqual(['batch day-7']);
    expect(told.at(-1)!.decision.shards.every(({ verdict }) => verdict === 'quarantine')).toBe(true);
  });

  it('of other trusted rows does not count', () => {
    const { past } = judgeAll(
      'whole',
      7,
      (rows) => oneIn(rows, 0.06),
      () => null,
      many,
    );
    const history = { ...NONE, batches: past.map((one) => ({ ...one, baseline: 'c'.repeat(64) })) };
    const decided = decide(
      batchOf(
        'whole',
        7,
        (rows) => oneIn(rows, 0.06),
        () => null,
      ),
      many,
      POLICY,
      'day',
      [],
      { history },
    );
    expect(findings(decided)).toEqual([]);
  });
});

it('few trusted rows, by chance better than others, do not add up to an alarm', () => {
  for (let seed = 0; seed < 6; seed++) {
    const few = baselineOf(new Rows(`few ${seed}`).many(200));
    expect(
      judgeAll(
        `few ${seed}`,
        12,
        () => undefined,
        () => null,
        few,
      ).told.flatMap(findings),
    ).toEqual([]);
  }
});
