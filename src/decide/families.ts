import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import type { Tally } from '../detect/index.js';
import type { Whole } from './beside-whole.js';
import { type Merged, mergeBy } from './merge.js';
import type { Against, Reference } from './reference.js';
import { type PairTest, scopePValue, type TestSettings, type Trial, testPairs, testScope } from './scope.js';
import { pairStatistic } from './significance/class-pair.js';
import { benjaminiHochberg, bonferroni } from './significance/multiplicity.js';
import { testStatistic } from './significance/statistic.js';

/** A tested scope with what was condemned and why. */
export interface ScopeOutcome {
  readonly subject: string;
  readonly rows: number;
  readonly tallies: readonly Tally[];
  readonly trials: readonly Trial[];
  /** What it was compared with: of several, what it is least like. */
  readonly against: Against;
  readonly pValue: number;
  /** Adjusted within its family. */
  readonly qValue: number;
  readonly rejected: boolean;
}

export interface PairOutcome extends PairTest {
  readonly pValue: number;
  readonly shards: readonly { readonly path: string; readonly rejected: boolean }[];
}

export function testOne(
  baseline: Baseline,
  subject: string,
  merged: Merged | undefined,
  settings: TestSettings,
  level: number,
): ScopeOutcome {
  const trials = merged === undefined ? [] : testScope(baseline, merged.perDetector, settings, false);
  const pValue = scopePValue(trials);
  const tallies = merged?.perDetector ?? [];
  const tested = { subject, rows: merged?.rows ?? 0, tallies, trials, against: baseline };
  return { ...tested, pValue, qValue: pValue, rejected: pValue <= level };
}

/** A scope tested against each reference, and by what it is least like: paid for by their number. */
export function testAgainst(
  references: readonly Reference[],
  scope: Merged,
  settings: TestSettings,
  withCells: boolean,
  whole?: Whole,
): Pick<ScopeOutcome, 'against' | 'trials' | 'pValue'> {
  const tested = references.map((reference) => {
    const against = reference(scope);
    const trials = testScope(against, scope.perDetector, settings, withCells, whole);
    return { against, trials, pValue: scopePValue(trials) };
  });
  const least = tested.reduce((best, next) => (next.pValue < best.pValue ? next : best));
  return { ...least, pValue: Math.min(1, tested.length * least.pValue) };
}

export function testFamily(
  references: readonly Reference[],
  scopes: ReadonlyMap<string, Merged>,
  settings: (name: string) => TestSettings,
  {
    withCells,
    level,
    whole,
  }: { readonly withCells: boolean; readonly level: number; readonly whole?: Whole | undefined },
): ScopeOutcome[] {
  const ordered = [...scopes].sort(([a], [b]) => (a < b ? -1 : 1));
  const tested = ordered.map(([subject, scope]) => {
    const tests = testAgainst(references, scope, settings(subject), withCells, whole);
    return { subject, rows: scope.rows, tallies: scope.perDetector, ...tests };
  });
  const qValues = benjaminiHochberg(tested.map(({ pValue }) => pValue));
  return tested.map((one, index) => ({
    ...one,
    qValue: qValues[index] as number,
    rejected: (qValues[index] as number) <= level,
  }));
}

export function testPairFamily(
  baseline: Baseline,
  judged: readonly ShardAssessment[],
  merged: Merged | undefined,
  tolerance: number,
  level: number,
): { pValue: number; rejected: PairOutcome[] } {
  const index = baseline.detectors.findIndex(({ effect }) => effect !== null);
  const detector = baseline.detectors[index];
  if (detector === undefined || merged === undefined) return { pValue: 1, rejected: [] };
  const count = baseline.classes.length * (baseline.classes.length - 1);
  const tested = testPairs(baseline, detector, merged.perDetector[index] as Tally, tolerance);
  const corrected = tested.map((pair) => ({ ...pair, pValue: Math.min(1, pair.pValue * count) }));
  const byShard = mergeBy(baseline, judged, ({ path }) => path);
  const rejected = corrected
    .filter(({ pValue }) => pValue <= level)
    .map((pair) => ({ ...pair, shards: shardsOfPair(baseline, byShard, index, pair, tolerance, level) }));
  return {
    pValue: bonferroni(
      corrected.map(({ pValue }) => pValue),
      1,
    ),
    rejected,
  };
}

function shardsOfPair(
  baseline: Baseline,
  byShard: ReadonlyMap<string, Merged>,
  index: number,
  { given, called }: PairTest,
  tolerance: number,
  level: number,
): PairOutcome['shards'] {
  const detector = baseline.detectors[index];
  if (detector === undefined) return [];
  const paths = [...byShard.keys()];
  const statistic = pairStatistic(given, called, baseline.classes.length);
  const pValues = paths.map((path) => {
    const tally = byShard.get(path)?.perDetector[index] as Tally;
    return testStatistic(statistic, tally, detector, tolerance).pValue;
  });
  const qValues = benjaminiHochberg(pValues);
  return paths.map((path, i) => ({ path, rejected: (qValues[i] as number) <= level }));
}
