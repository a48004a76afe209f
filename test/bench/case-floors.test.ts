import { expect, test } from 'vitest';
import { type CaseResults, floors } from '../../bench/case-floors.js';

const poisonedCase = {
  case: 'corpus--slow-drip',
  poisoned: 9,
  alarm: true,
  named: true,
  source_named: true,
  wrong_sources: 0,
  auroc: 0.99,
  ap: 0.95,
  poison_flagged: 0.97,
  clean_rows_flagged: 0.002,
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
  ['a case that failed', (cases: Record<string, unknown>[]) => Object.assign(cases[38]!, { failed: 'exit 3' })],
  ['a clean case alarmed', (cases: Record<string, unknown>[]) => Object.assign(cases[38]!, { alarm: true })],
  ['three clean shards held', (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { clean_shards_held: 3 })],
  ['a case not named', (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { named: false })],
  [
    'another source named as well',
    (cases: Record<string, unknown>[]) => Object.assign(cases[0]!, { wrong_sources: 1 }),
  ],
  [
    'a trigger of which a tenth is not flagged',
    (cases: Record<string, unknown>[]) => Object.assign(cases[45]!, { poison_flagged: 0.9 }),
  ],
  [
    'clean rows flagged beside a trigger',
    (cases: Record<string, unknown>[]) => Object.assign(cases[45]!, { clean_rows_flagged: 0.0025 }),
  ],
  ['low AP', (cases: Record<string, unknown>[]) => cases.slice(0, 40).map((one) => Object.assign(one, { ap: 0.8 }))],
  [
    'a row flagged in a clean case',
    (cases: Record<string, unknown>[]) => Object.assign(cases[36]!, { clean_rows_flagged: 0.001 }),
  ],
  [
    'low AUROC',
    (cases: Record<string, unknown>[]) => cases.slice(0, 40).map((one) => Object.assign(one, { auroc: 0.96 })),
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
  ['a clean case left out', (cases: Record<string, unknown>[]) => cases.splice(38, 1)],
])('misses a floor: %s', (_, change) => {
  expect(missed(results(change))).toHaveLength(1);
});
