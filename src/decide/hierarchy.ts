import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { attribute } from './attribution.js';
import { mergeBy, type PairOutcome, type ScopeOutcome, testFamily, testOne, testPairFamily } from './families.js';
import { scopePValue, type TestSettings, testScope } from './scope.js';
import { simes } from './significance/multiplicity.js';
import type { FamilyOutcome, Policy } from './types.js';

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

function spared(outcomes: readonly ScopeOutcome[]): ScopeOutcome[] {
  return outcomes.map((outcome) => ({ ...outcome, rejected: false }));
}

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
  const retest = (
    admits: (shard: ShardAssessment, source: number) => boolean,
    how: TestSettings,
    withCells: boolean,
  ) => {
    const rest = mergeBy(baseline, judged, (shard, source) => (admits(shard, source) ? 'rest' : undefined)).get('rest');
    return rest === undefined ? 1 : scopePValue(testScope(baseline, rest.perDetector, how, withCells));
  };
  const named = attribute(gate ? shards : spared(shards), gate ? sources : spared(sources), {
    shardWithout: (path, left) =>
      retest(
        (shard, source) => shard.path === path && !left.has(shard.sources[source] ?? ''),
        settings(`shard/${path}`),
        true,
      ),
    sourceWithout: (name, left) =>
      retest(
        (shard, source) => shard.sources[source] === name && !left.has(shard.path),
        settings(`source/${name}`),
        false,
      ),
  });
  const outcomes = {
    batch,
    ...named,
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
