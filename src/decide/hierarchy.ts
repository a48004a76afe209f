import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import type { PlantedTriggers, Shift } from '../detect/index.js';
import type { History } from '../ledger/index.js';
import { attribute } from './attribution.js';
import { Whole } from './beside-whole.js';
import { tiltBaseline } from './covariate-shift.js';
import { betAndTest, condemnedByDrip, type DripOutcome } from './drip/index.js';
import { type PairOutcome, type ScopeOutcome, testAgainst, testFamily, testOne, testPairFamily } from './families.js';
import { type CountedItems, type ItemFamily, testItems } from './items.js';
import { type Merged, mergeBy } from './merge.js';
import { type TriggerFamily, testPlanted } from './planted-triggers.js';
import { referenceOf, referencesOfSources } from './reference.js';
import { type TestSettings, type Trial, testScope } from './scope.js';
import { simes } from './significance/multiplicity.js';
import { areSorted } from './sorted-shards.js';
import type { SpectralEvidence } from './spectral-findings.js';
import { type FoundTriggers, NO_TRIGGERS } from './trigger-findings.js';
import type { FamilyOutcome, Policy } from './types.js';

/** Everything the tests say of a batch, before it becomes verdicts. */
export interface Outcomes {
  readonly batch: ScopeOutcome;
  /** Tests by which the batch would be held, had trusted rows not been weighted to lie where its rows do. */
  readonly explained: readonly Trial[];
  readonly shards: readonly ScopeOutcome[];
  readonly sources: readonly ScopeOutcome[];
  /** Rejected ones only. */
  readonly pairs: readonly PairOutcome[];
  /** Undefined where nothing was condemned that it could leave out. */
  readonly remainder: ScopeOutcome | undefined;
  readonly items: ItemFamily;
  /** Triggers that rows carry. */
  readonly carried: FoundTriggers;
  /** Triggers in prompts. */
  readonly triggers: TriggerFamily;
  /** Undefined without a ledger. */
  readonly drip: DripOutcome | undefined;
  readonly families: readonly FamilyOutcome[];
  /** True when some family rejects: only then is anything held. */
  readonly gate: boolean;
  /** Level of each family. */
  readonly level: number;
}

const FAMILIES = 5;

/** At which each family of tests rejects; a ledger makes one more. */
export function familyLevel({ falseQuarantineRate }: Policy, hasLedger = false): number {
  return falseQuarantineRate / (hasLedger ? FAMILIES + 1 : FAMILIES);
}

/** Something that keeps the origin of a batch from being proven. */
export interface Doubt {
  readonly kind: 'integrity' | 'provenance';
  /** Which rule is broken, for programs. */
  readonly reason: string;
  readonly summary: string;
  readonly holds: boolean;
}

/** What is known of a batch besides its scores and copies. */
export interface OtherEvidence {
  /** That were looked for in prompts. */
  readonly triggers?: PlantedTriggers | undefined;
  /** Of earlier batches; undefined without a ledger. */
  readonly history?: History | undefined;
  /** That rows with labels carry; undefined where none were looked for. */
  readonly carried?: FoundTriggers;
  /** What rows of each class have in common; advice, no family of tests. */
  readonly spectral?: SpectralEvidence;
  /** Columns in which the batch as a whole lies elsewhere than the trusted rows. */
  readonly shifts?: readonly Shift[];
  /** What keeps the origin of the batch as a whole from being proven. */
  readonly doubts?: readonly Doubt[];
  /** Who is proven to vouch for the batch; empty where nobody is. */
  readonly signer?: string;
  /** True to leave the text of triggers out. */
  readonly isRedacted?: boolean;
}

/** At which items are tested: copies and all triggers that are looked for share the level of the family. */
export function itemLevel(policy: Policy, others: OtherEvidence): number {
  return familyLevel(policy, others.history !== undefined) / sharers(others);
}

function sharers({ triggers, carried }: OtherEvidence): number {
  return 1 + (triggers === undefined ? 0 : 1) + (carried === undefined ? 0 : 1);
}

function itemPValue(items: ItemFamily, planted: TriggerFamily, others: OtherEvidence): number {
  const carried = (others.carried ?? NO_TRIGGERS).triggers.map(({ pValue }) => pValue);
  return Math.min(1, sharers(others) * Math.min(items.pValue, planted.pValue, ...carried));
}

/** What the scores of a batch show, before anything else is known of it. */
export interface TestedScores {
  readonly data: BatchData;
  readonly tested: Tested;
}

/** Tests the scores of the batch, of each shard, source and pair of classes. */
export function testScores(
  assessments: readonly ShardAssessment[],
  trusted: Baseline,
  policy: Policy,
  seed: string,
  hasLedger: boolean,
): TestedScores {
  const { tolerance } = policy;
  const judged = assessments.filter(({ isJudged }) => isJudged);
  const baseline = tiltBaseline(trusted, judged);
  const level = familyLevel(policy, hasLedger);
  const data: BatchData = { baseline, judged, level, settings: (scope) => ({ tolerance, seed: `${seed}/${scope}` }) };
  return { data, tested: testFamilies(data) };
}

/** Runs every family of tests, names what they reject, and tests what remains. */
export function testHierarchy(
  assessments: readonly ShardAssessment[],
  trusted: Baseline,
  policy: Policy,
  seed: string,
  counted?: readonly CountedItems[],
): Outcomes {
  return weighEvidence(testScores(assessments, trusted, policy, seed, false), trusted, policy, counted);
}

/** Tests what there is beside the scores, names what is rejected, and tests what remains. */
export function weighEvidence(
  { data, tested }: TestedScores,
  trusted: Baseline,
  policy: Policy,
  counted: readonly CountedItems[] = [],
  others: OtherEvidence = {},
): Outcomes {
  const { baseline, judged, level } = data;
  const { history, signer = '' } = others;
  const items = testItems(counted, itemLevel(policy, others), policy.tolerance);
  const triggers = testPlanted(others.triggers, itemLevel(policy, others));
  const drip = history && betAndTest({ baseline, judged, signer, ...data.settings('drip') }, history, level);
  const families = judgeFamilies(tested, itemPValue(items, triggers, others), drip, level);
  const gate = families.some(({ rejected }) => rejected);
  const named = gate ? attribute(tested.shards, tested.sources, retests(data, tested.sources.length)) : spare(tested);
  const outcomes = {
    batch: tested.batch,
    explained: explainedTrials(tested.batch, trusted, data),
    ...named,
    pairs: tested.pairs.rejected,
    items,
    carried: others.carried ?? NO_TRIGGERS,
    triggers,
    drip,
    families,
    gate,
    level,
  };
  return { ...outcomes, remainder: gate ? testRemainder(data, outcomes) : undefined };
}

/** What every test of a batch draws on. */
interface BatchData {
  readonly baseline: Baseline;
  /** In path order. */
  readonly judged: readonly ShardAssessment[];
  readonly level: number;
  readonly settings: (scope: string) => TestSettings;
}

function explainedTrials(
  { tallies, rejected }: ScopeOutcome,
  trusted: Baseline,
  { level, settings }: BatchData,
): Trial[] {
  if (rejected || tallies.length === 0) return [];
  const trials = testScope(trusted, tallies, settings('batch'), false);
  return trials.filter(({ pValue }) => pValue * trials.length <= level);
}

function testFamilies({ baseline, judged, level, settings }: BatchData) {
  const merged = mergeBy(baseline, judged, () => 'batch').get('batch');
  const byShard = mergeBy(baseline, judged, ({ path }) => path);
  const bySource = mergeBy(baseline, judged, ({ sources }, source) => sources[source]);
  const batch = settings('batch');
  const reference = referenceOf(baseline, merged);
  // A batch that judges itself has nothing that it could be compared with as a whole.
  const compared = baseline.twin === undefined ? merged : undefined;
  const tested = testOne(baseline, 'batch', compared, batch, level);
  const whole = compared && new Whole(compared.perDetector, areShardsSorted(baseline, byShard));
  return {
    batch: tested,
    shards: testFamily([reference], byShard, (path) => settings(`shard/${path}`), { withCells: true, level, whole }),
    sources: testFamily(
      referencesOfSources(baseline, merged, bySource.size),
      bySource,
      (name) => settings(`source/${name}`),
      { withCells: false, level },
    ),
    pairs: testPairFamily(baseline, judged, compared, batch.tolerance, level),
  };
}

function areShardsSorted({ detectors, classes }: Baseline, byShard: ReadonlyMap<string, Merged>): boolean {
  const index = detectors.findIndex(({ effect }) => effect !== null);
  const calls = [...byShard.values()].map(({ perDetector }) => perDetector[index]?.calls ?? new Map());
  return areSorted(calls, classes.length);
}

type Tested = ReturnType<typeof testFamilies>;

function judgeFamilies(
  { batch, shards, sources, pairs }: Tested,
  items: number,
  drip: DripOutcome | undefined,
  level: number,
): FamilyOutcome[] {
  const pValues: readonly (readonly [FamilyOutcome['family'], number])[] = [
    ['batch', batch.pValue],
    ['shards', simes(shards.map(({ pValue }) => pValue))],
    ['sources', simes(sources.map(({ pValue }) => pValue))],
    ['class-pairs', pairs.pValue],
    ['items', items],
    ...(drip === undefined ? [] : [['ledger', drip.pValue] as const]),
  ];
  return pValues.map(([family, pValue]) => ({ family, pValue, level, rejected: pValue <= level }));
}

/** Below the gate nothing is named, however small a p-value is within its family. */
function spare({ shards, sources }: Tested): Pick<Outcomes, 'shards' | 'sources'> {
  const spared = (outcomes: readonly ScopeOutcome[]) => outcomes.map((outcome) => ({ ...outcome, rejected: false }));
  return { shards: spared(shards), sources: spared(sources) };
}

function retests({ baseline, judged, settings }: BatchData, sources: number): Parameters<typeof attribute>[2] {
  const merge = (admits: Admits) =>
    mergeBy(baseline, judged, (shard, source) => (admits(shard, source) ? 'all' : undefined)).get('all');
  const retest = (isScope: Admits, isLeft: Admits, scope: string, isSource: boolean) => {
    const rest = merge((shard, source) => isScope(shard, source) && !isLeft(shard, source));
    if (rest === undefined) return 1;
    const isAmongOthers = isSource || baseline.twin !== undefined;
    const all = isAmongOthers ? merge((shard, source) => !isLeft(shard, source)) : undefined;
    const references = isSource ? referencesOfSources(baseline, all, sources) : [referenceOf(baseline, all)];
    return testAgainst(references, rest, settings(scope), !isSource).pValue;
  };
  return {
    shardWithout: (path, left) =>
      retest(
        (shard) => shard.path === path,
        (shard, source) => isFrom(left, shard, source),
        `shard/${path}`,
        false,
      ),
    sourceWithout: (name, left) =>
      retest(
        (shard, source) => shard.sources[source] === name,
        ({ path }) => left.has(path),
        `source/${name}`,
        true,
      ),
  };
}

type Admits = (shard: ShardAssessment, source: number) => boolean;

function isFrom(sources: ReadonlySet<string>, shard: ShardAssessment, source: number): boolean {
  const name = shard.sources[source];
  return name !== undefined && sources.has(name);
}

/** What is left when condemned shards and sources are taken away, pooled. */
function testRemainder(
  { baseline, judged, level, settings }: BatchData,
  outcomes: Omit<Outcomes, 'remainder'>,
): ScopeOutcome | undefined {
  const condemned = condemnedBy(outcomes);
  if (condemned.shards.size === 0 && condemned.sources.size === 0) return undefined;
  if (baseline.twin !== undefined) return undefined;
  const rest = mergeBy(baseline, judged, (shard, source) =>
    condemned.shards.has(shard.path) || isFrom(condemned.sources, shard, source) ? undefined : 'remainder',
  );
  return testOne(baseline, 'remainder', rest.get('remainder'), settings('remainder'), level);
}

/** Shards held by their own test or by that of a class pair, and sources condemned by their own test or the ledger. */
export function condemnedBy({
  shards,
  sources,
  pairs,
  drip,
}: Pick<Outcomes, 'shards' | 'sources' | 'pairs' | 'drip'>): {
  shards: Set<string>;
  sources: Set<string>;
} {
  const rejected = (outcomes: readonly ScopeOutcome[]) =>
    outcomes.filter((one) => one.rejected).map(({ subject }) => subject);
  const byPair = pairs.flatMap((pair) => pair.shards.filter((shard) => shard.rejected).map(({ path }) => path));
  const byDrip = drip === undefined ? [] : condemnedByDrip(drip);
  return {
    shards: new Set([...rejected(shards), ...byPair]),
    sources: new Set([...rejected(sources), ...byDrip]),
  };
}
