/** What the scorer says about one case; measures of poison are absent in clean cases. */
interface CaseResult {
  readonly case: string;
  readonly failed?: string;
  readonly poisoned?: number;
  readonly alarm?: boolean;
  readonly named?: boolean;
  readonly source_named?: boolean;
  /** Left out where the case has no trigger with a name. */
  readonly trigger_named?: boolean;
  readonly trigger_findings?: number;
  readonly wrong_sources?: number;
  readonly auroc?: number;
  readonly ap?: number;
  readonly poison_flagged?: number;
  readonly clean_rows_flagged?: number;
  readonly clean_shards_held?: number;
}

export interface CaseResults {
  readonly cases: readonly CaseResult[];
}

export interface Floor {
  readonly text: string;
  readonly holds: boolean;
}

/** Cases with a trigger. That of pictures and of gibberish has no name that the scorer could look for. */
const PLANTED = /--(trigger-\w+|gibberish)$/;
/** What is unlike all that is trusted, or the same many times over: nearly every row of it is told. */
const PLAIN = /--(trigger-\w+|gibberish|duplicates|outliers)$/;
/** Fewer would mean that the floors below are held against another set of cases. */
const caseCount = 50;

/** NaN of nothing, as the mean and the greatest: no case must not look like a good one. */
function least(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.min(...values);
}

function greatest(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function atMost(what: string, value: number, most: number): Floor {
  return { text: `${what}: ${Number(value.toFixed(4))} (at most ${most})`, holds: value <= most };
}

function atLeast(what: string, value: number, least: number): Floor {
  return { text: `${what}: ${Number(value.toFixed(4))} (at least ${least})`, holds: value >= least };
}

/** Holds the scorer's results against what the project promises of them; NaN holds no floor. */
export function floors({ cases }: CaseResults): Floor[] {
  const scored = cases.filter(({ failed }) => failed === undefined);
  const poisoned = scored.filter((result) => result.poisoned);
  const clean = scored.filter((result) => !result.poisoned);
  const plain = poisoned.filter((result) => PLAIN.test(result.case));
  const flagged = (results: readonly CaseResult[]) => results.map((result) => result.clean_rows_flagged ?? Number.NaN);
  const heldShards = scored.reduce((sum, result) => sum + (result.clean_shards_held ?? Number.NaN), 0);
  const strayTriggers = scored
    .filter((result) => !PLANTED.test(result.case))
    .reduce((sum, result) => sum + (result.trigger_findings ?? 0), 0);
  return [
    atLeast('cases run', cases.length, caseCount),
    atMost('cases failed', cases.length - scored.length, 0),
    atMost('clean cases alarmed', clean.filter(({ alarm }) => alarm !== false).length, 0),
    atMost('clean shards held', heldShards, 2),
    atLeast('poisoned cases detected and named', poisoned.filter(({ alarm, named }) => alarm && named).length, 44),
    atLeast('slow-drip cases with the source named', poisoned.filter((result) => result.source_named).length, 6),
    atMost(
      'other sources named',
      poisoned.reduce((sum, result) => sum + (result.wrong_sources ?? 0), 0),
      0,
    ),
    atLeast('triggers named', poisoned.filter((result) => result.trigger_named).length, 9),
    atMost('trigger findings where there is no trigger', strayTriggers, 0),
    atLeast(
      'poison flagged of triggers, gibberish, duplicates and outliers, least',
      least(plain.map((result) => result.poison_flagged ?? Number.NaN)),
      0.95,
    ),
    atMost('clean rows flagged beside them, greatest', greatest(flagged(plain)), 0.002),
    atLeast('mean AUROC', mean(poisoned.map(({ auroc }) => auroc ?? Number.NaN)), 0.98),
    atLeast('mean AP', mean(poisoned.map(({ ap }) => ap ?? Number.NaN)), 0.9),
    atMost('clean rows flagged, mean', mean(flagged(scored)), 0.005),
    atMost('clean rows flagged in a clean case, greatest', greatest(flagged(clean)), 0),
  ];
}
