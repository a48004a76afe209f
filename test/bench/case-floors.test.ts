import { expect, test } from 'vitest';
import { type CaseResults, floors } from '../../bench/case-floors.js';

const poisonedCase = {
  case: 'corpus--slow-drip',
  poisoned: 9,
  alarm: true,
  named: true,
  source_named: true,
  auroc: 0.95,
  clean_rows_flagged: 0.01,
  clean_shards_held: 0,
};
const triggerCase = { ...poisonedCase, case: 'corpus--trigger-dirty', trigger_named: true, trigger_findings: 1 };
const cleanCase = { case: 'corpus--clean', poisoned: 0, alarm: false, clean_rows_flagged: 0, clean_shards_held: 0 };

function results(change: (cases: Record<string, unknown>[]) => void = () => {}): CaseResults {
  const cases: Record<string, unknown>[] = [
    ...Array.from({ length: 33 }, () => ({ ...poisonedCase })),
    ...Array.from({ length: 6 }, () => ({ ...cleanCase })),
    ...Array.from({ length: 11 }, () => ({ ...triggerCase })),
  ];
  change(cases);
  return { cases } as unknown as CaseResults;
}

const missed = (given: CaseResults) => floors(given).filter(({ holds }) => !holds);

test('results that meet every floor miss none', () => {
  expect(missed(results())).toEqual([]);
});

test.each(['gibberish', 'trigger-clean'])('a trigger without a name that is found misses no floor: %s', (attack) => {
  const found = { ...poisonedCase, case: `corpus--${attack}`, trigger_findings: 1 };
  expect(missed(results((cases) => cases.splice(0, 1, found)))).toEqual([]);
});

test.each([
  ['a case that failed', (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { failed: 'exit 3' })],
  ['a clean case alarmed', (cases: Record<string, unknown>[]) => Object.assign(cases[38]!, { alarm: true })],
  ['three clean shards held', (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { clean_shards_held: 3 })],
  [
    'two cases not named',
    (cases: Record<string, unknown>[]) => cases.slice(0, 2).map((one) => Object.assign(one, { named: false })),
  ],
  [
    'a row flagged in a clean case',
    (cases: Record<string, unknown>[]) => Object.assign(cases[36]!, { clean_rows_flagged: 0.001 }),
  ],
  [
    'low AUROC',
    (cases: Record<string, unknown>[]) => cases.slice(0, 40).map((one) => Object.assign(one, { auroc: 0.9 })),
  ],
  [
    'too few sources named',
    (cases: Record<string, unknown>[]) => cases.map((one) => Object.assign(one, { source_named: false })),
  ],
  [
    'too few triggers named',
    (cases: Record<string, unknown>[]) =>
      cases.slice(39, 43).map((one) => Object.assign(one, { trigger_named: false })),
  ],
  [
    'a trigger found where there is none',
    (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { trigger_findings: 1 }),
  ],
  ['an absent measure', (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { auroc: undefined })],
  ['cases left out', (cases: Record<string, unknown>[]) => cases.pop()],
])('misses a floor: %s', (_, change) => {
  expect(missed(results(change))).toHaveLength(1);
});
