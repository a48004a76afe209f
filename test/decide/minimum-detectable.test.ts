import { describe, expect, it } from 'vitest';
import type { ShardAssessment } from '../../src/assess/index.js';
import { decide, type Policy } from '../../src/decide/index.js';
import type { History, PastBatch } from '../../src/ledger/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, type BatchRow, baselineOf, Rows } from './batches.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const rows = new Rows('minimum');
const baseline = baselineOf(rows.many(1000));

function decideOn(count: number, draw: (row: number) => BatchRow, policy: Partial<Policy> = {}) {
  const assessment = assessmentOf('a.csv', rows.many(count, draw), baseline);
  return decide([assessment], baseline, { ...POLICY, ...policy }, 'batch').decision;
}

const leastOf = (kind: string, count: number, policy: Partial<Policy> = {}) =>
  decideOn(count, () => rows.sound(), policy).minimumDetectable.find((one) => one.kind === kind)!.rows;

describe('the least number of poisoned rows that would be found', () => {
  it('is said for every detector', () => {
    const { minimumDetectable } = decideOn(600, () => rows.sound());
    expect(minimumDetectable.map(({ kind }) => kind)).toEqual(['label-flip', 'outlier']);
    for (const { rows: least } of minimumDetectable) expect(Number.isInteger(least) && least! > 0).toBe(true);
  });

  it('is a smaller share of a larger batch', () => {
    for (const kind of ['label-flip', 'outlier'])
      expect(leastOf(kind, 1600)! / 1600).toBeLessThan(leastOf(kind, 400)! / 400);
  });

  it('rises with the tolerance and with a stricter rate', () => {
    expect(
      leastOf('label-flip', 600, { tolerance: 0.05 })! - leastOf('label-flip', 600, { tolerance: 0 })!,
    ).toBeGreaterThan(20);
    expect(leastOf('label-flip', 600, { falseQuarantineRate: 1e-6 })).toBeGreaterThan(leastOf('label-flip', 600)!);
  });

  it('is nothing where nothing is judged', () => {
    expect(leastOf('label-flip', 0)).toBeNull();
    const unlabelled = decideOn(100, () => ({ ...rows.sound(), label: -1 })).minimumDetectable;
    expect(unlabelled[0]).toEqual({ kind: 'label-flip', rows: null });
    expect(unlabelled[1]!.rows).not.toBeNull();
  });

  it.each([
    ['label-flip', () => rows.flipped()],
    ['outlier', () => rows.odd()],
  ])('%s: so many are found four times in five', (kind, poison) => {
    const RESAMPLES = 50;
    const COUNT = 600;
    // The quantile is an approximation: a fifth more leaves no doubt.
    const poisoned = Math.ceil(1.2 * leastOf(kind, COUNT)!);
    const found = Array.from({ length: RESAMPLES }, () =>
      decideOn(COUNT, (row) => (row < poisoned ? poison() : rows.sound())),
    ).filter(({ verdict }) => verdict === 'quarantine').length;
    // All but once in a thousand, Binomial(50, 0.8) is 31 or more; more than promised is no fault.
    expect(found).toBeGreaterThanOrEqual(31);
  });
});

describe('the least number with a ledger', () => {
  const ROWS = 800;
  const NO_HISTORY: History = { sha256: '0'.repeat(64), batches: [], leftOut: 0 };
  const many = baselineOf(new Rows('many trusted').many(4000));
  const judge = (assessments: ShardAssessment[], batches: PastBatch[]) =>
    decide(assessments, many, POLICY, 'batch', [], { history: { ...NO_HISTORY, batches } });

  function batchWith(of: Rows, flips: number): ShardAssessment[] {
    return [
      assessmentOf(
        'a.csv',
        of.many(ROWS, (row) => (row < flips ? of.flipped() : of.sound())),
        many,
      ),
    ];
  }

  /** What so many batches with so many flips each leave in the ledger. */
  function recordOf(batches: number, flips: number): PastBatch[] {
    const past: PastBatch[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const { accounts = [] } = judge(batchWith(new Rows(`${flips}/${batch}`), flips), past);
      past.push({ signer: '', baseline: many.sha256, rows: ROWS, accounts });
    }
    return past;
  }

  const FLIPS = 12;
  const mild = recordOf(8, FLIPS);

  const leastAfter = (past: PastBatch[]) =>
    judge(batchWith(new Rows('next'), 0), past).decision.minimumDetectable[0]!.rows!;

  it('falls as batches add up that are each a little worse than trusted rows, and by sound ones it does not', () => {
    const [none, few, more] = [[], mild.slice(0, 2), mild].map(leastAfter) as [number, number, number];
    expect(FLIPS).toBeLessThan(none);
    expect(few).toBeLessThanOrEqual(none);
    expect(more).toBeLessThan(few);
    expect(leastAfter(recordOf(6, 0))).toBe(none);
  });

  it('so many are found four times in five', () => {
    const RESAMPLES = 50;
    const poisoned = Math.ceil(1.2 * leastAfter(mild));
    const held = Array.from({ length: RESAMPLES }, (_, next) =>
      judge(batchWith(new Rows(`next/${next}`), poisoned), mild),
    ).filter(({ decision }) => decision.verdict === 'quarantine').length;
    // As above.
    expect(held).toBeGreaterThanOrEqual(31);
    const alone = Array.from({ length: RESAMPLES }, (_, next) =>
      judge(batchWith(new Rows(`next/${next}`), poisoned), []),
    ).filter(({ decision }) => decision.verdict === 'quarantine').length;
    expect(alone).toBeLessThan(held);
  });
});
