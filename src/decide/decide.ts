import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { faultFindings, type Named, nameFindings } from './findings.js';
import { condemnedBy, type Outcomes, testHierarchy } from './hierarchy.js';
import { minimumDetectable } from './minimum-detectable.js';
import type { RowFilter, Selection } from './selection.js';
import type { Decision, Policy, ShardDecision, SourceDecision } from './types.js';

/** A decision and what marking its rows needs to know. */
export interface Decided {
  readonly decision: Decision;
  readonly selections: readonly Selection[];
  /** Rows that are withheld whatever their scores: finding by finding. */
  readonly withheld: readonly { readonly finding: string; readonly where: RowFilter }[];
}

/** Turns assessed shards into verdicts. Pure: the same assessments, in any order, give the same decision. */
export function decide(
  unordered: readonly ShardAssessment[],
  baseline: Baseline,
  policy: Policy,
  batch: string,
): Decided {
  const assessments = [...unordered].sort((a, b) => (a.path < b.path ? -1 : 1));
  const seed = assessments.map(({ sha256 }) => sha256).join('/');
  const outcomes = testHierarchy(assessments, baseline, policy, seed);
  const faults = assessments.flatMap(faultFindings);
  const named = nameFindings(outcomes, baseline, batch);
  const holds = collectHolds(assessments, outcomes, faults, named);
  const shards = assessments.map((assessment) =>
    decideShard(assessment, outcomes, holds.get(assessment.path) ?? [], faults, policy),
  );
  const findings = [...faults.map(({ finding }) => finding), ...named.map(({ finding }) => finding)];
  return {
    decision: {
      verdict: shards.some(({ verdict }) => verdict === 'quarantine') ? 'quarantine' : 'release',
      mode: policy.mode,
      released: shards.every(({ released }) => released),
      shards,
      sources: outcomes.sources.map(toSourceDecision),
      findings,
      families: outcomes.families,
      minimumDetectable: minimumDetectable(outcomes.batch, baseline, policy),
      trustedBlocks: baseline.blocks,
    },
    selections: named.flatMap(({ selections }) => selections),
    withheld: withheldRows(assessments, outcomes, faults, named, holds),
  };
}

type Fault = ReturnType<typeof faultFindings>[number];

/** Shard → ids of the findings that hold it. */
function collectHolds(
  assessments: readonly ShardAssessment[],
  outcomes: Outcomes,
  faults: readonly Fault[],
  named: readonly Named[],
): Map<string, string[]> {
  const holds = new Map<string, string[]>();
  const hold = (path: string, finding: string) => holds.set(path, [...(holds.get(path) ?? []), finding]);
  for (const { path, finding } of faults) if (finding.holds) hold(path, finding.id);
  for (const { finding, isWholeBatch, shards, sources } of named) {
    for (const assessment of assessments) {
      const carriesSource = assessment.sources.some((source) => sources.has(source));
      if (isWholeBatch || shards.has(assessment.path) || carriesSource) hold(assessment.path, finding.id);
    }
  }
  // The gate rejects and no scope is named: nothing says which part is sound.
  if (
    outcomes.gate &&
    !named.some(({ isWholeBatch, shards, sources }) => isWholeBatch || shards.size > 0 || sources.size > 0)
  ) {
    const first = named[0]?.finding.id;
    for (const { path } of assessments) if (first !== undefined) hold(path, first);
  }
  return holds;
}

function decideShard(
  { path }: ShardAssessment,
  outcomes: Outcomes,
  holds: readonly string[],
  faults: readonly Fault[],
  { mode }: Policy,
): ShardDecision {
  const outcome = outcomes.shards.find(({ subject }) => subject === path);
  const own = faults.filter((fault) => fault.path === path);
  const isTested = outcome !== undefined && outcome.trials.length > 0;
  return {
    path,
    verdict: holds.length > 0 ? 'quarantine' : 'release',
    // Observing holds nothing for statistical reasons; what cannot be read or judged is held in every mode.
    released: mode === 'observe' ? !own.some(({ finding }) => finding.holds) : holds.length === 0,
    pValue: isTested ? outcome.pValue : null,
    qValue: isTested ? outcome.qValue : null,
    findings: [...new Set([...own.map(({ finding }) => finding.id), ...holds])],
  };
}

function toSourceDecision({
  subject,
  rows,
  trials,
  pValue,
  qValue,
  rejected,
}: Outcomes['sources'][number]): SourceDecision {
  const isTested = trials.length > 0;
  return {
    name: subject,
    rows,
    pValue: isTested ? pValue : null,
    qValue: isTested ? qValue : null,
    condemned: rejected,
  };
}

/** Rows of condemned sources, of shards that could not be judged, and of what a remainder or whole batch holds. */
function withheldRows(
  assessments: readonly ShardAssessment[],
  outcomes: Outcomes,
  faults: readonly Fault[],
  named: readonly Named[],
  holds: ReadonlyMap<string, readonly string[]>,
): Decided['withheld'] {
  const condemned = condemnedBy(outcomes);
  const bySource = named
    .filter(({ sources }) => sources.size > 0)
    .map(({ finding, sources }) => ({ finding: finding.id, where: { sources } }));
  const byFault = faults
    .filter(({ finding }) => finding.holds)
    .map(({ finding, path }) => ({ finding: finding.id, where: { shards: new Set([path]) } }));
  const whole = named
    .filter(({ isWholeBatch }) => isWholeBatch)
    .map(({ finding }) => ({
      finding: finding.id,
      where: { notShards: condemned.shards, notSources: condemned.sources },
    }));
  const isUnnamed = whole.length === 0 && condemned.shards.size === 0 && condemned.sources.size === 0 && outcomes.gate;
  const rest = isUnnamed ? [{ finding: holds.get(assessments[0]?.path ?? '')?.[0] ?? '', where: {} }] : [];
  return [...byFault, ...bySource, ...whole, ...rest];
}
