import { createHash } from 'node:crypto';
import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { Bug } from '../errors.js';
import type { LedgerAccount } from '../schema/index.js';
import { driftFinding } from './drift-finding.js';
import { nameDrips } from './drip/index.js';
import { doubtFindings, faultFindings, nameFindings } from './findings.js';
import {
  condemnedBy,
  type OtherEvidence,
  type Outcomes,
  type TestedScores,
  testScores,
  weighEvidence,
} from './hierarchy.js';
import type { CountedItems } from './items.js';
import { minimumDetectable } from './minimum-detectable.js';
import type { Named } from './named.js';
import type { RowFilter, Selection } from './selection.js';
import { spectralFindings } from './spectral-findings.js';
import type { Decision, Finding, MinimumDetectable, Policy, ShardDecision, SourceDecision } from './types.js';

/** A decision and what marking its rows needs to know. */
export interface Decided {
  readonly decision: Decision;
  readonly selections: readonly Selection[];
  /** Rows that are withheld whatever their scores: finding by finding. */
  readonly withheld: readonly { readonly finding: string; readonly where: RowFilter }[];
  /** For the ledger; undefined without one. */
  readonly accounts: readonly LedgerAccount[] | undefined;
}

/** A decision for which the scores are tested. */
export interface Begun {
  /** In path order. */
  readonly assessments: readonly ShardAssessment[];
  readonly baseline: Baseline;
  readonly policy: Policy;
  readonly scores: TestedScores;
}

/** Turns assessed shards into verdicts. Pure: the same assessments, in any order, give the same decision. */
export function decide(
  assessments: readonly ShardAssessment[],
  baseline: Baseline,
  policy: Policy,
  batch: string,
  counted: readonly CountedItems[] = [],
  others: OtherEvidence = {},
): Decided {
  return endDecision(
    beginDecision(assessments, baseline, policy, others.history !== undefined),
    batch,
    counted,
    others,
  );
}

/** Begins to decide with what takes longest and needs nothing that is not known of each shard; as decide. */
export function beginDecision(
  unordered: readonly ShardAssessment[],
  baseline: Baseline,
  policy: Policy,
  hasLedger: boolean,
): Begun {
  const assessments = [...unordered].sort((a, b) => (a.path < b.path ? -1 : 1));
  const seed = createHash('sha256')
    .update(assessments.map(({ sha256 }) => sha256).join('/'))
    .digest('hex');
  return { assessments, baseline, policy, scores: testScores(assessments, baseline, policy, seed, hasLedger) };
}

/** As decide. */
export function endDecision(
  { assessments, baseline, policy, scores }: Begun,
  batch: string,
  counted: readonly CountedItems[] = [],
  others: OtherEvidence = {},
): Decided {
  const outcomes = weighEvidence(scores, baseline, policy, counted, others);
  const faultsOf = assessments.map(faultFindings);
  const faults = faultsOf.flat();
  const { shards: badShards, sources: badSources } = condemnedBy(outcomes);
  const isUnnamed = badShards.size === 0 && badSources.size === 0;
  const named = [
    ...nameFindings(outcomes, baseline, batch, others.isRedacted),
    ...nameDrips(outcomes.drip, batch, isUnnamed),
  ].map((one) => withSigner(one, others.signer));
  if (outcomes.gate && named.length === 0) throw new Bug('The gate rejects a batch and no finding says why');
  const doubts = doubtFindings(others.doubts ?? [], batch);
  const ofAll = [...doubts, ...faults.filter(({ holdsBatch }) => holdsBatch).map(({ finding }) => finding)];
  const inDoubt = ofAll.filter(({ holds }) => holds).map(({ id }) => id);
  const holds = collectHolds(assessments, faults, named, inDoubt);
  const tested = new Map(outcomes.shards.map((outcome) => [outcome.subject, outcome]));
  const shards = assessments.map((assessment, index) =>
    decideShard(
      assessment.path,
      tested.get(assessment.path),
      holds.get(assessment.path) ?? [],
      [...(faultsOf[index] ?? []).map(({ finding }) => finding), ...ofAll],
      policy,
    ),
  );
  const drift = baseline.twin === undefined && driftFinding(outcomes, baseline, batch, others.shifts ?? []);
  const limits = { tolerance: policy.tolerance, level: outcomes.level };
  const spectral = others.spectral === undefined ? [] : spectralFindings(others.spectral, baseline.classes, limits);
  const advice = [...spectral, ...(drift ? [drift] : [])];
  const found = [...doubts, ...[...faults, ...named].map(({ finding }) => finding), ...advice];
  // Advice comes last: it holds nothing.
  const findings = [...found.filter(({ holds }) => holds), ...found.filter(({ holds }) => !holds)];
  return {
    decision: {
      verdict: shards.some(({ verdict }) => verdict === 'quarantine') ? 'quarantine' : 'release',
      mode: policy.mode,
      released: shards.every(({ released }) => released),
      shards,
      sources: outcomes.sources.map((source) => toSourceDecision(source, badSources)),
      findings,
      families: outcomes.families,
      minimumDetectable: [
        ...minimumDetectable(outcomes, baseline),
        ...outcomes.items.minimumDetectable,
        ...leastTriggers(others),
      ],
      trustedBlocks: baseline.blocks,
    },
    selections: named.flatMap(({ selections }) => selections),
    withheld: [...inDoubt.map((finding) => ({ finding, where: {} })), ...withheldRows(outcomes, faults, named)],
    accounts: outcomes.drip?.accounts,
  };
}

/** Where they are looked for: of what only prompts or the batch itself can show, no number can be told. */
function leastTriggers({ carried, triggers }: OtherEvidence): MinimumDetectable[] {
  if (carried === undefined && triggers === undefined) return [];
  return [{ kind: 'trigger', rows: carried?.fewestRows ?? null }];
}

/** A source is one of its signer: others may use its name. */
function withSigner(named: Named, signer = ''): Named {
  if (signer === '' || named.finding.scope !== 'source') return named;
  return { ...named, finding: { ...named.finding, signer } };
}

type Fault = ReturnType<typeof faultFindings>[number];

/** Shard → ids of the findings that hold it. */
function collectHolds(
  assessments: readonly ShardAssessment[],
  faults: readonly Fault[],
  named: readonly Named[],
  inDoubt: readonly string[],
): Map<string, string[]> {
  const holds = new Map<string, string[]>(assessments.map(({ path }) => [path, [...inDoubt]]));
  const bySource = groupBySource(assessments);
  const everything = [...holds.keys()];
  for (const { path, finding, holdsBatch } of faults) {
    if (finding.holds && !holdsBatch) holds.get(path)?.push(finding.id);
  }
  for (const one of named) {
    const carriers = [...one.sources].flatMap((source) => bySource.get(source) ?? []);
    const paths = isWhole(one, named) ? everything : new Set([...one.shards, ...carriers]);
    for (const path of paths) holds.get(path)?.push(one.finding.id);
  }
  return holds;
}

/** A finding without a place of its own holds the whole batch, as do all of them when none has one. */
function isWhole({ isWholeBatch }: Named, named: readonly Named[]): boolean {
  return isWholeBatch || named.every(({ shards, sources }) => shards.size === 0 && sources.size === 0);
}

function groupBySource(assessments: readonly ShardAssessment[]): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const { path, sources } of assessments) {
    for (const source of sources) {
      const own = paths.get(source);
      if (own === undefined) paths.set(source, [path]);
      else own.push(path);
    }
  }
  return paths;
}

function decideShard(
  path: string,
  outcome: Outcomes['shards'][number] | undefined,
  holds: readonly string[],
  faults: readonly Finding[],
  { mode }: Policy,
): ShardDecision {
  const isTested = outcome !== undefined && outcome.trials.length > 0;
  return {
    path,
    verdict: holds.length > 0 ? 'quarantine' : 'release',
    // Observing holds nothing for statistical reasons; what cannot be read or judged is held in every mode.
    released: mode === 'observe' ? !faults.some((fault) => fault.holds) : holds.length === 0,
    pValue: isTested ? outcome.pValue : null,
    qValue: isTested ? outcome.qValue : null,
    findings: [...new Set([...faults.map(({ id }) => id), ...holds])],
  };
}

function toSourceDecision(
  { subject, rows, trials, pValue, qValue }: Outcomes['sources'][number],
  condemned: ReadonlySet<string>,
): SourceDecision {
  const isTested = trials.length > 0;
  return {
    name: subject,
    rows,
    pValue: isTested ? pValue : null,
    qValue: isTested ? qValue : null,
    condemned: condemned.has(subject),
  };
}

/** Rows of condemned sources, of shards that could not be judged, and of what a remainder or whole batch holds. */
function withheldRows(outcomes: Outcomes, faults: readonly Fault[], named: readonly Named[]): Decided['withheld'] {
  const condemned = condemnedBy(outcomes);
  const rest = { notShards: condemned.shards, notSources: condemned.sources };
  return [
    ...faults
      .filter(({ finding }) => finding.holds)
      .map(({ finding, path }) => ({ finding: finding.id, where: { shards: new Set([path]) } })),
    ...named
      .filter(({ sources }) => sources.size > 0)
      .map(({ finding, sources }) => ({ finding: finding.id, where: { sources } })),
    ...named.filter((one) => isWhole(one, named)).map(({ finding }) => ({ finding: finding.id, where: rest })),
  ];
}
