import type { DetectorRows, ShardAssessment } from '../assess/index.js';
import type { Decided, RowFilter, Selection } from '../decide/index.js';
import type { ShardMarks } from './types.js';

/** Ranks rows of equal p-value by their score without reaching the next p-value. */
const TIE_BREAK = 1e-7;
const OUTSIDE_FACTOR = 0.5;

/** Marks every row of every readable shard: how suspicious, suspect or not, withheld or not, and why. */
export function markRows(
  assessments: readonly ShardAssessment[],
  decided: Decided,
  classes: readonly string[],
): ShardMarks[] {
  const readable = [...assessments].filter(({ rows }) => rows !== null).sort((a, b) => (a.path < b.path ? -1 : 1));
  const kinds = new Set(decided.selections.map(({ kind }) => kind));
  const marks = readable.map((shard) => startMarks(shard, kinds, decided.selections));
  for (const selection of decided.selections) selectWorst(readable, marks, selection, classes);
  for (const { finding, where } of decided.withheld) withholdRows(readable, marks, where, finding);
  return marks;
}

function startMarks(
  shard: ShardAssessment,
  kinds: ReadonlySet<string>,
  selections: readonly Selection[],
): ShardMarks & { reason: (string | null)[] } {
  const rows = shard.rows ?? 0;
  const counted = shard.detectors.filter(({ kind }) => kinds.size === 0 || kinds.has(kind));
  const isInside = scopeTest(shard, selections);
  const suspicion = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const worst = counted.reduce((most, detector) => Math.max(most, suspicionOf(detector, row)), 0);
    suspicion[row] = isInside(row) ? worst : worst * OUTSIDE_FACTOR;
  }
  return {
    shard: shard.path,
    rows,
    detectors: new Map(
      shard.detectors.map((one) => [one.kind, { anomalyScore: one.anomalyScore, pValue: one.pValue }]),
    ),
    suspicion,
    suspect: new Uint8Array(rows),
    withhold: new Uint8Array(rows),
    reason: new Array<string | null>(rows).fill(null),
  };
}

function suspicionOf({ anomalyScore, pValue }: DetectorRows, row: number): number {
  const p = pValue[row] as number;
  return Number.isNaN(p) ? 0 : Math.min(1, 1 - p + TIE_BREAK * (anomalyScore[row] as number));
}

/** Is a row in the scope of any finding, whatever its class? */
function scopeTest(shard: ShardAssessment, selections: readonly Selection[]): (row: number) => boolean {
  if (selections.length === 0) return () => true;
  const scopes = selections.map(({ where }) => where).filter((where) => admitsShard(where, shard));
  return (row) => scopes.some((where) => admitsSource(where, shard, row));
}

function admitsShard({ shards, notShards }: RowFilter, { path }: ShardAssessment): boolean {
  return (shards?.has(path) ?? true) && !(notShards?.has(path) ?? false);
}

function admitsSource({ sources, notSources }: RowFilter, shard: ShardAssessment, row: number): boolean {
  const source = shard.sources[shard.sourceOf[row] as number];
  if (source === undefined) return sources === undefined;
  return (sources?.has(source) ?? true) && !(notSources?.has(source) ?? false);
}

function admitsClass({ classes, called }: RowFilter, shard: ShardAssessment, row: number): boolean {
  const calledClass = shard.detectors.find((detector) => detector.calledClass.length > 0)?.calledClass[row];
  return (classes?.has(shard.labels[row] as number) ?? true) && (called === undefined || called === calledClass);
}

/** The rows of a shard that a filter admits. */
function* admittedRows(where: RowFilter, shard: ShardAssessment): Generator<number> {
  if (!admitsShard(where, shard)) return;
  for (let row = 0; row < (shard.rows ?? 0); row++) {
    if (admitsSource(where, shard, row) && admitsClass(where, shard, row)) yield row;
  }
}

interface Candidate {
  readonly shard: number;
  readonly row: number;
  readonly pValue: number;
  readonly score: number;
}

function selectWorst(
  readable: readonly ShardAssessment[],
  marks: readonly (ShardMarks & { reason: (string | null)[] })[],
  selection: Selection,
  classes: readonly string[],
): void {
  const candidates: Candidate[] = [];
  readable.forEach((shard, index) => {
    const detector = shard.detectors.find(({ kind }) => kind === selection.kind);
    if (detector === undefined) return;
    for (const row of admittedRows(selection.where, shard)) {
      const pValue = detector.pValue[row] as number;
      if (!Number.isNaN(pValue))
        candidates.push({ shard: index, row, pValue, score: detector.anomalyScore[row] as number });
    }
  });
  candidates.sort((a, b) => a.pValue - b.pValue || b.score - a.score || a.shard - b.shard || a.row - b.row);
  for (const { shard, row, pValue } of candidates.slice(0, selection.rows)) {
    const mark = marks[shard];
    const assessed = readable[shard];
    if (mark === undefined || assessed === undefined) continue;
    mark.suspect[row] = 1;
    mark.withhold[row] = 1;
    mark.reason[row] ??=
      `${explain(assessed, row, selection.kind, classes)} (p = ${pValue.toPrecision(2)}; ${selection.finding})`;
  }
}

function explain(shard: ShardAssessment, row: number, kind: string, classes: readonly string[]): string {
  const called = shard.detectors.find((one) => one.kind === kind)?.calledClass[row];
  const given = shard.labels[row] as number;
  if (called === undefined) return 'unlike any trusted row';
  return called === given
    ? `label ${classes[given]} is less probable than usual`
    : `labelled ${classes[given]}, looks like ${classes[called]}`;
}

function withholdRows(
  readable: readonly ShardAssessment[],
  marks: readonly (ShardMarks & { reason: (string | null)[] })[],
  where: RowFilter,
  finding: string,
): void {
  readable.forEach((shard, index) => {
    const mark = marks[index];
    if (mark === undefined) return;
    for (const row of admittedRows(where, shard)) {
      mark.withhold[row] = 1;
      mark.reason[row] ??= `withheld by ${finding}`;
    }
  });
}
