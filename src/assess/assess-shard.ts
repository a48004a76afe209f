import type { Table, Vector } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import {
  addRow,
  conformalPValue,
  detectorOf,
  emptyTally,
  type LabelledRows,
  type RowEvidence,
  stratumOf,
  type Tally,
} from '../detect/index.js';
import { encodeRows, type NamedColumns, readStrings, roleAsNamed, roleByName } from '../encode/index.js';
import { checkSchema } from '../verify/index.js';
import { contractFaults } from './contract-faults.js';
import type { DetectorRows, ShardAssessment, ShardFault } from './types.js';

interface PinnedTable {
  readonly path: string;
  readonly sha256: string;
  readonly table: Table;
}

const UNJUDGED = {
  detectors: [],
  labels: new Int32Array(0),
  sources: [],
  sourceOf: new Int32Array(0),
  tallies: [],
  columns: [],
  unusedColumns: [],
};

/** What a shard that could not be read amounts to. */
export function unreadableShard(path: string, sha256: string | null, summary: string): ShardAssessment {
  return { path, sha256, rows: null, faults: [{ kind: 'integrity', summary, numbers: {}, holds: true }], ...UNJUDGED };
}

/** Scores every row of a shard and sums what the tests need. */
export function assessShard(
  { path, sha256, table }: PinnedTable,
  baseline: Baseline,
  named: NamedColumns,
): ShardAssessment {
  const columns = table.schema.fields.map(({ name }) => name);
  const breaches = checkSchema(table, baseline.columns);
  const sourceColumn = findSourceColumn(table, baseline, named);
  if (named.source !== undefined && sourceColumn !== named.source) {
    breaches.push({ column: named.source, summary: `column ${named.source} (source) is missing` });
  }
  if (breaches.length > 0) {
    const faults = [
      ...breaches.map(
        ({ column, summary }): ShardFault => ({ kind: 'schema', summary, numbers: { column }, holds: true }),
      ),
      ...contractFaults(table, named.contract, new Set(breaches.map(({ column }) => column))),
    ];
    return { path, sha256, rows: table.numRows, faults, ...UNJUDGED, columns };
  }
  const { labels, faults } = readLabels(table, baseline);
  const { sources, sourceOf } = readSources(table, sourceColumn);
  const rows: LabelledRows = { ...encodeRows(baseline.encoder, table), labels };
  const evidence = withinSupport(
    baseline,
    baseline.detectors.map(({ kind, model }) => detectorOf(kind).evaluate(model, rows)),
  );
  return {
    path,
    sha256,
    rows: table.numRows,
    faults: [...faults, ...contractFaults(table, named.contract)],
    detectors: evidence.map((one, index) =>
      judgeRows(one, labels, baseline.detectors[index] as Baseline['detectors'][number]),
    ),
    labels,
    sources,
    sourceOf,
    tallies: tallyBySource(evidence, labels, sourceOf, baseline),
    columns,
    unusedColumns: unusedColumns(columns, baseline, named),
  };
}

function findSourceColumn(table: Table, baseline: Baseline, named: NamedColumns): string | undefined {
  const names = table.schema.fields.map(({ name }) => name);
  const wanted = named.source ?? baseline.columns.find(({ role }) => role === 'source')?.name;
  if (wanted !== undefined) return names.find((name) => name === wanted);
  return names.find((name) => (roleAsNamed(name, named) ?? roleByName(name)) === 'source');
}

function readLabels(table: Table, { columns, classes }: Baseline): { labels: Int32Array; faults: ShardFault[] } {
  const name = columns.find(({ role }) => role === 'label')?.name;
  if (name === undefined) return { labels: new Int32Array(table.numRows).fill(-1), faults: [] };
  const indices = new Map(classes.map((value, index) => [value, index]));
  const cells = readStrings(table.getChild(name) as Vector);
  const labels = Int32Array.from(cells, (cell) => (cell === null ? -1 : (indices.get(cell) ?? -1)));
  const unknown = cells.filter((cell, row) => cell !== null && labels[row] === -1);
  const missing = cells.filter((cell) => cell === null).length;
  const advise = (rows: number, what: string): ShardFault[] =>
    rows === 0
      ? []
      : [
          {
            kind: 'schema',
            summary: `${rows} of ${table.numRows} rows ${what}; their labels are not checked`,
            numbers: { column: name, rows },
            holds: false,
          },
        ];
  const values = [...new Set(unknown)].slice(0, 5).join(', ');
  return {
    labels,
    faults: [
      ...advise(unknown.length, `have a label that no trusted row has (${values})`),
      ...advise(missing, 'have no label'),
    ],
  };
}

function readSources(table: Table, column: string | undefined): { sources: string[]; sourceOf: Int32Array } {
  if (column === undefined) return { sources: [], sourceOf: new Int32Array(table.numRows).fill(-1) };
  const indices = new Map<string, number>();
  const sourceOf = Int32Array.from(readStrings(table.getChild(column) as Vector), (cell) => {
    if (cell === null) return -1;
    const known = indices.get(cell) ?? indices.size;
    indices.set(cell, known);
    return known;
  });
  return { sources: [...indices.keys()], sourceOf };
}

/** Takes rows beyond every trusted one from the detectors that would have to extrapolate: they say nothing there. */
function withinSupport({ detectors: fitted }: Baseline, evidence: readonly RowEvidence[]): RowEvidence[] {
  const bounds = fitted.flatMap((one, index) => {
    const greatest = one.calibrations[0]?.scores[0]?.at(-1);
    return detectorOf(one.kind).boundsSupport && greatest !== undefined ? [{ index, greatest }] : [];
  });
  const isBeyond = (row: number) =>
    bounds.some(({ index, greatest }) => (evidence[index]?.anomalyScore[row] ?? 0) > greatest);
  return evidence.map((one, index) => {
    if (bounds.some((bound) => bound.index === index)) return one;
    return { ...one, anomalyScore: one.anomalyScore.map((score, row) => (isBeyond(row) ? Number.NaN : score)) };
  });
}

function judgeRows(evidence: RowEvidence, labels: Int32Array, fitted: Baseline['detectors'][number]): DetectorRows {
  const calibration = fitted.calibrations[0] as Baseline['detectors'][number]['calibrations'][number];
  const pValue = evidence.anomalyScore.map((score, row) =>
    conformalPValue(calibration, stratumOf(fitted.strata, labels, row), score),
  );
  return {
    kind: fitted.kind,
    anomalyScore: evidence.anomalyScore,
    pValue,
    calledClass: evidence.calledClass ?? new Int32Array(0),
  };
}

function tallyBySource(
  evidence: readonly RowEvidence[],
  labels: Int32Array,
  sourceOf: Int32Array,
  { detectors: fitted, classes }: Baseline,
): ShardAssessment['tallies'] {
  const bySource = new Map<number, { source: number; rows: number; perDetector: Tally[] }>();
  sourceOf.forEach((source, row) => {
    let entry = bySource.get(source);
    if (entry === undefined) {
      entry = {
        source,
        rows: 0,
        perDetector: fitted.map(({ strata, calibrations }) => emptyTally(strata, calibrations)),
      };
      bySource.set(source, entry);
    }
    entry.rows++;
    const { perDetector } = entry;
    fitted.forEach(({ strata, calibrations }, index) => {
      addRow(perDetector[index] as Tally, row, evidence[index] as RowEvidence, labels, {
        strata,
        classes: classes.length,
        calibrations,
      });
    });
  });
  return [...bySource.values()];
}

function unusedColumns(columns: readonly string[], baseline: Baseline, named: NamedColumns): string[] {
  const known = new Set(baseline.columns.map(({ name }) => name));
  return columns.filter(
    (name) => !known.has(name) && roleAsNamed(name, named) === undefined && roleByName(name) === undefined,
  );
}
