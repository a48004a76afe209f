import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { greatestRejected } from './attribution.js';
import { describeConfusion, makeFinding } from './evidence.js';
import { estimateRows } from './excess-rows.js';
import type { PairOutcome, ScopeOutcome } from './families.js';
import { condemnedBy, type Doubt, type Outcomes } from './hierarchy.js';
import { nameItems } from './item-findings.js';
import type { Named } from './named.js';
import { namePlanted } from './planted-triggers.js';
import { type Cell, classesOf, type Trial } from './scope.js';
import type { RowFilter, Selection } from './selection.js';
import type { Excess } from './significance/statistic.js';
import { nameTriggers } from './trigger-findings.js';
import type { Finding, FindingKind, FindingScope } from './types.js';

const NONE: ReadonlySet<string> = new Set();

const FAULT_REFERENCES: Readonly<Partial<Record<FindingKind, readonly string[]>>> = {
  integrity: ['NIST AI 100-2 NISTAML.05'],
  provenance: ['MITRE ATLAS AML.T0010', 'OWASP LLM03:2025'],
};

/** Faults of a shard as findings. */
export function faultFindings({
  path,
  faults,
}: ShardAssessment): { path: string; finding: Finding; holdsBatch: boolean }[] {
  return faults.map(({ kind, summary, numbers, holds, holdsBatch = false }, index) => ({
    path,
    holdsBatch: holds && holdsBatch,
    finding: {
      // The number stands where no path can be mistaken for it.
      id: `${kind}/shard${index === 0 ? '' : `-${index + 1}`}/${path}`,
      kind,
      scope: 'shard',
      subject: path,
      pValue: null,
      excessRows: null,
      evidence: { summary: `${path}: ${summary}.`, numbers },
      references: FAULT_REFERENCES[kind] ?? [],
      holds,
    },
  }));
}

/** Doubts of the whole batch's origin as findings. */
export function doubtFindings(doubts: readonly Doubt[], batch: string): Finding[] {
  const counts = new Map<string, number>();
  return doubts.map(({ kind, reason, summary, holds }) => ({
    id: `${kind}/batch/${numbered(reason, counts)}`,
    kind,
    scope: 'batch',
    subject: batch,
    pValue: null,
    excessRows: null,
    evidence: { summary: `${batch}: ${summary}.`, numbers: { reason } },
    references: FAULT_REFERENCES[kind] ?? [],
    holds,
  }));
}

function numbered(reason: string, counts: Map<string, number>): string {
  const count = (counts.get(reason) ?? 0) + 1;
  counts.set(reason, count);
  return count === 1 ? reason : `${reason}-${count}`;
}

/** Every rejected scope as findings, one for each kind that is rejected in it. */
export function nameFindings(outcomes: Outcomes, baseline: Baseline, batch: string, isRedacted = false): Named[] {
  if (!outcomes.gate) return [];
  const condemned = condemnedBy(outcomes);
  const isNothingCondemned = condemned.shards.size === 0 && condemned.sources.size === 0;
  const remainder: RowFilter = { notShards: condemned.shards, notSources: condemned.sources };
  const byScores = [
    ...nameScope({ ...outcomes.batch, subject: batch }, 'batch', outcomes.level, {
      isWholeBatch: isNothingCondemned,
      // Once scopes are named, their own findings point at the rows.
      where: isNothingCondemned ? {} : undefined,
    }).map((named) =>
      isNothingCondemned ? named : { ...named, selections: selectRest(named.finding, outcomes, remainder) },
    ),
    ...nameFamily(outcomes.shards, 'shard', (path) => ({
      shards: new Set([path]),
      where: { shards: new Set([path]) },
    })),
    ...outcomes.shards
      .filter(({ rejected }) => rejected)
      .flatMap((shard) => nameCells(shard, baseline, greatestRejected(outcomes.shards))),
    ...nameFamily(outcomes.sources, 'source', (name) => ({
      sources: new Set([name]),
      where: { sources: new Set([name]) },
    })),
    ...outcomes.pairs.map((pair) => namePair(pair, baseline)),
    ...(outcomes.remainder === undefined
      ? []
      : nameScope({ ...outcomes.remainder, subject: batch }, 'remainder', outcomes.level, {
          isWholeBatch: true,
          where: remainder,
        })),
  ];
  return [
    ...nameTriggers(outcomes.carried),
    ...namePlanted(outcomes.triggers.rejected, isRedacted),
    ...nameItems(outcomes.items, baseline),
    ...byScores,
  ];
}

interface Reach {
  readonly isWholeBatch?: boolean;
  readonly shards?: ReadonlySet<string>;
  readonly sources?: ReadonlySet<string>;
  readonly where: RowFilter | undefined;
}

function nameFamily(
  outcomes: readonly ScopeOutcome[],
  scope: FindingScope,
  reach: (subject: string) => Reach,
): Named[] {
  const cut = greatestRejected(outcomes);
  return outcomes
    .filter(({ rejected }) => rejected)
    .flatMap((outcome) => nameScope(outcome, scope, cut, reach(outcome.subject)));
}

/** The findings of one scope: of each kind whose own p-value, paid for by all tests of the scope, is at most `cut`. */
function nameScope(outcome: ScopeOutcome, scope: FindingScope, cut: number, reach: Reach): Named[] {
  const { subject, rows, trials } = outcome;
  const kinds = [...new Set(trials.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const { best, pValue } = testOf(kind, trials);
    if (pValue > cut) return [];
    // Of a test by class, the classes' own findings say how many rows and which.
    const isByClass = best.test === 'class-cells';
    const excess = isByClass
      ? sumExcess(best.cells.filter(({ qValue }) => qValue * trials.length <= cut))
      : best.excess;
    const confusion = describeConfusion(kind, outcome.tallies, outcome.against);
    const about = {
      kind,
      scope,
      subject,
      pValue,
      excessRows: estimateRows(excess, rows),
      rows,
      against: outcome.against,
    };
    const finding = makeFinding(about, confusion?.sentence, { test: best.test, ...confusion?.numbers });
    const selection = isByClass || reach.where === undefined ? [] : [selectionOf(finding, reach.where)];
    return [
      {
        finding,
        isWholeBatch: reach.isWholeBatch ?? false,
        shards: reach.shards ?? NONE,
        sources: reach.sources ?? NONE,
        selections: selection,
      },
    ];
  });
}

/**
 * Of a finding of the whole batch, the rows that lie in none of the scopes condemned by name: too few there for any test
 * to hold them, and no fewer than none as the interval of their number says.
 */
function selectRest({ id, kind }: Finding, { remainder, level }: Outcomes, where: RowFilter): Selection[] {
  // Rows that no detector of the kind judges have no test of it.
  if (remainder?.trials.some((trial) => trial.kind === kind) !== true) return [];
  const { best, pValue } = testOf(kind, remainder.trials);
  // What is rejected has a finding of its own.
  if (pValue <= level || best.test === 'class-cells') return [];
  const { estimate, low, high } = estimateRows(best.excess, remainder.rows);
  return low === 0 ? [] : [{ finding: id, kind, rows: estimate, most: high, where, isReleased: true }];
}

/** The test of a kind that says most, with its p-value paid for by all tests of the scope. */
function testOf(kind: FindingKind, trials: readonly Trial[]): { best: Trial; pValue: number } {
  const best = trials.filter((trial) => trial.kind === kind).reduce((a, b) => (b.pValue < a.pValue ? b : a));
  return { best, pValue: Math.min(1, best.pValue * trials.length) };
}

/** Classes of a rejected shard that stand out by themselves. */
function nameCells({ subject, trials }: ScopeOutcome, baseline: Baseline, cut: number): Named[] {
  return trials
    .filter((trial): trial is Trial => trial.test === 'class-cells')
    .flatMap(({ kind, cells }) => {
      const detector = baseline.detectors.find((one) => one.kind === kind);
      return cells
        .filter(({ qValue }) => qValue * trials.length <= cut)
        .map((cell): Named => {
          const classes = detector === undefined ? [] : classesOf(detector, cell.stratum);
          const name = classes.map((index) => baseline.classes[index]).join(' | ');
          const pValue = Math.min(1, cell.qValue * trials.length);
          const { rows } = cell.excess;
          const excessRows = estimateRows(cell.excess, rows);
          const about = {
            kind,
            scope: 'shard-class' as const,
            subject: `${subject}: ${name}`,
            pValue,
            excessRows,
            rows,
            against: baseline,
          };
          const finding = makeFinding(about, undefined, {});
          const where = { shards: new Set([subject]), classes: new Set(classes) };
          return {
            finding,
            isWholeBatch: false,
            shards: new Set([subject]),
            sources: NONE,
            selections: [selectionOf(finding, where)],
          };
        });
    });
}

function namePair(pair: PairOutcome, against: Baseline): Named {
  const { classes } = against;
  const subject = `${classes[pair.given]} → ${classes[pair.called]}`;
  const paths = pair.shards.filter(({ rejected }) => rejected).map(({ path }) => path);
  const { rows } = pair.excess;
  const excessRows = estimateRows(pair.excess, rows);
  const about = {
    kind: pair.kind,
    scope: 'class-pair' as const,
    subject,
    pValue: pair.pValue,
    excessRows,
    rows,
    against,
  };
  const names = { given: classes[pair.given] ?? '', called: classes[pair.called] ?? '' };
  const finding = makeFinding(about, `They look like ${names.called}.`, names);
  const where = {
    classes: new Set([pair.given]),
    called: pair.called,
    ...(paths.length === 0 ? {} : { shards: new Set(paths) }),
  };
  return {
    finding,
    isWholeBatch: false,
    shards: new Set(paths),
    sources: NONE,
    // Rows called another class already are no sample of their class: their p-values say nothing beyond the estimate.
    selections: [{ finding: finding.id, kind: pair.kind, rows: excessRows.estimate, where }],
  };
}

function selectionOf({ id, kind, excessRows }: Finding, where: RowFilter): Selection {
  if (excessRows === null) return { finding: id, kind, rows: 0, where };
  return { finding: id, kind, rows: excessRows.estimate, most: excessRows.high, where };
}

function sumExcess(cells: readonly Cell[]): Excess {
  const inRows = cells.map(({ excess }) => ({
    value: excess.value * excess.rowsPerUnit,
    variance: excess.variance * excess.rowsPerUnit ** 2,
  }));
  return {
    value: inRows.reduce((sum, { value }) => sum + value, 0),
    variance: inRows.reduce((sum, { variance }) => sum + variance, 0),
    rows: cells.reduce((sum, { excess }) => sum + excess.rows, 0),
    rowsPerUnit: 1,
  };
}
