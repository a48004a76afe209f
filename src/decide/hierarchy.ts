import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { emptyTally, mergeTally, type Tally } from '../detect/index.js';
import { type PairTest, scopePValue, type TestSettings, type Trial, testPairs, testScope } from './scope.js';
import { benjaminiHochberg, bonferroni, simes } from './tests/multiplicity.js';
import type { FamilyOutcome, Policy } from './types.js';

/** A tested scope with what was condemned and why. */
export interface ScopeOutcome {
  readonly subject: string;
  readonly rows: number;
  readonly tallies: readonly Tally[];
  readonly trials: readonly Trial[];
  readonly pValue: number;
  /** Adjusted within its family. */
  readonly qValue: number;
  readonly rejected: boolean;
}

export interface PairOutcome extends PairTest {
  readonly pValue: number;
  readonly shards: readonly { readonly path: string; readonly rejected: boolean }[];
}

/** Everything the tests say of a batch, before it becomes verdicts. */
export interface Outcomes {
  readonly batch: ScopeOutcome;
  readonly shards: readonly ScopeOutcome[];
  readonly sources: readonly ScopeOutcome[];
  /** Rejected ones only. */
  readonly pairs: readonly PairOutcome[];
  /** Undefined where nothing was condemned that it could leave out. */
  readonly remainder: ScopeOutcome | undefined;
  readonly families: readonly FamilyOutcome[];
  /** True when some family rejects: only then is anything held. */
  readonly gate: boolean;
  /** Level of each family. */
  readonly level: number;
}

const FAMILIES = 5;

/** Runs every family of tests and the remainder's. */
export function testHierarchy(
  assessments: readonly ShardAssessment[],
  baseline: Baseline,
  policy: Policy,
  seed: string,
): Outcomes {
  const level = policy.falseQuarantineRate / FAMILIES;
  const judged = assessments.filter(({ detectors }) => detectors.length > 0);
  const settings = (scope: string): TestSettings => ({ tolerance: policy.tolerance, seed: `${seed}/${scope}` });
  const merged = mergeBy(baseline, judged, () => 'batch').get('batch');
  const batch = testOne(baseline, 'batch', merged, settings('batch'), level);
  const shards = testFamily(
    baseline,
    mergeBy(baseline, judged, ({ path }) => path),
    (path) => settings(`shard/${path}`),
    true,
    level,
  );
  const bySource = mergeBy(baseline, judged, ({ sources }, source) =>
    source < 0 ? undefined : (sources[source] as string),
  );
  const sources = testFamily(baseline, bySource, (name) => settings(`source/${name}`), false, level);
  const pairs = testPairFamily(baseline, judged, merged, policy.tolerance, level);
  const families: FamilyOutcome[] = [
    { family: 'batch', pValue: batch.pValue },
    { family: 'shards', pValue: simes(shards.map(({ pValue }) => pValue)) },
    { family: 'sources', pValue: simes(sources.map(({ pValue }) => pValue)) },
    { family: 'class-pairs', pValue: pairs.pValue },
    { family: 'items' as const, pValue: 1 },
  ].map((outcome) => ({ ...outcome, level, rejected: outcome.pValue <= level }) as FamilyOutcome);
  const gate = families.some(({ rejected }) => rejected);
  const gated = <T extends { rejected: boolean }>(outcomes: readonly T[]) =>
    outcomes.map((one) => ({ ...one, rejected: gate && one.rejected }));
  const outcomes = {
    batch,
    shards: gated(shards),
    sources: gated(sources),
    pairs: pairs.rejected,
    families,
    gate,
    level,
  };
  return {
    ...outcomes,
    remainder: gate ? testRemainder(baseline, judged, outcomes, settings('remainder')) : undefined,
  };
}

interface Merged {
  rows: number;
  readonly perDetector: readonly Tally[];
}

/** Adds the tallies up under the name that `nameOf` gives each; undefined leaves one out. In path order: repeatable. */
function mergeBy(
  { detectors }: Baseline,
  assessments: readonly ShardAssessment[],
  nameOf: (shard: ShardAssessment, source: number) => string | undefined,
): Map<string, Merged> {
  const merged = new Map<string, Merged>();
  for (const shard of assessments) {
    for (const { source, rows, perDetector } of shard.tallies) {
      const name = nameOf(shard, source);
      if (name === undefined) continue;
      const into = merged.get(name) ?? {
        rows: 0,
        perDetector: detectors.map(({ strata, calibrations }) => emptyTally(strata, calibrations)),
      };
      merged.set(name, into);
      into.rows += rows;
      into.perDetector.forEach((tally, index) => mergeTally(tally, perDetector[index] as Tally));
    }
  }
  return merged;
}

function testOne(
  baseline: Baseline,
  subject: string,
  merged: Merged | undefined,
  settings: TestSettings,
  level: number,
): ScopeOutcome {
  const trials = merged === undefined ? [] : testScope(baseline, merged.perDetector, settings, false);
  const pValue = scopePValue(trials);
  const tallies = merged?.perDetector ?? [];
  return { subject, rows: merged?.rows ?? 0, tallies, trials, pValue, qValue: pValue, rejected: pValue <= level };
}

function testFamily(
  baseline: Baseline,
  scopes: ReadonlyMap<string, Merged>,
  settings: (name: string) => TestSettings,
  withCells: boolean,
  level: number,
): ScopeOutcome[] {
  const ordered = [...scopes].sort(([a], [b]) => (a < b ? -1 : 1));
  const tested = ordered.map(([subject, { rows, perDetector }]) => {
    const trials = testScope(baseline, perDetector, settings(subject), withCells);
    return { subject, rows, tallies: perDetector, trials, pValue: scopePValue(trials) };
  });
  const qValues = benjaminiHochberg(tested.map(({ pValue }) => pValue));
  return tested.map((one, index) => ({
    ...one,
    qValue: qValues[index] as number,
    rejected: (qValues[index] as number) <= level,
  }));
}

function testPairFamily(
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
  const pValues = paths.map((path) => {
    const tally = byShard.get(path)?.perDetector[index] as Tally;
    return (
      testPairs(baseline, detector, tally, tolerance).find((pair) => pair.given === given && pair.called === called)
        ?.pValue ?? 1
    );
  });
  const qValues = benjaminiHochberg(pValues);
  return paths.map((path, i) => ({ path, rejected: (qValues[i] as number) <= level }));
}

/** What is left when condemned shards and sources are taken away, pooled. */
function testRemainder(
  baseline: Baseline,
  judged: readonly ShardAssessment[],
  { shards, sources, pairs, level }: Omit<Outcomes, 'remainder'>,
  settings: TestSettings,
): ScopeOutcome | undefined {
  const condemned = condemnedBy({ shards, sources, pairs });
  if (condemned.shards.size === 0 && condemned.sources.size === 0) return undefined;
  const rest = mergeBy(baseline, judged, (shard, source) => {
    const isCondemned =
      condemned.shards.has(shard.path) || (source >= 0 && condemned.sources.has(shard.sources[source] as string));
    return isCondemned ? undefined : 'remainder';
  });
  return testOne(baseline, 'remainder', rest.get('remainder'), settings, level);
}

/** Shards held by their own test or by that of a class pair, and condemned sources. */
export function condemnedBy({ shards, sources, pairs }: Pick<Outcomes, 'shards' | 'sources' | 'pairs'>): {
  shards: Set<string>;
  sources: Set<string>;
} {
  const rejected = (outcomes: readonly ScopeOutcome[]) =>
    outcomes.filter((one) => one.rejected).map(({ subject }) => subject);
  const byPair = pairs.flatMap((pair) => pair.shards.filter((shard) => shard.rejected).map(({ path }) => path));
  return { shards: new Set([...rejected(shards), ...byPair]), sources: new Set(rejected(sources)) };
}
