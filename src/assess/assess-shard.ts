import type { Table, Vector } from 'apache-arrow';
import type { Baseline, FittedDetector } from '../baseline/index.js';
import {
  addRankSums,
  detectorOf,
  emptyTally,
  hearJury,
  joinItems,
  type RankSums,
  type RowEvidence,
  readUnhashed,
  standingFor,
  sumRanks,
  type Tally,
  type UnhashedItems,
} from '../detect/index.js';
import {
  digestsIn,
  type EncodedRows,
  encodeResident,
  type NamedColumns,
  readCodes,
  readGivenScores,
  roleAsNamed,
  roleByName,
  type Signatures,
  signaturesPerRow,
  signRows,
} from '../encode/index.js';
import { CHUNK_ROWS, type Matrix, placeRows, residentScope } from '../linear/index.js';
import { checkSchema } from '../verify/index.js';
import { contractFaults } from './contract-faults.js';
import { givenFaults } from './given-faults.js';
import { emptyRows, judgeRows } from './judge-rows.js';
import { assignJudges, digestsOf, judgesOf } from './judges.js';
import { nullFaults } from './null-faults.js';
import { oddestRows } from './oddest-rows.js';
import { readLabels } from './read-labels.js';
import { NO_ROWS } from './row-store.js';
import { rowChooser, SpectralSampler } from './spectral-sample.js';
import type { AssessedShard, Assessor, ShardAssessment, ShardFault, ShardRows } from './types.js';

interface PinnedTable {
  readonly path: string;
  readonly sha256: string;
  readonly table: Table;
}

const UNJUDGED = { isJudged: false, sources: [], tallies: [], columns: [], unusedColumns: [] };

/** What a shard that could not be read amounts to. */
export function unreadableShard(path: string, sha256: string | null, summary: string): ShardAssessment {
  return { path, sha256, rows: null, faults: [{ kind: 'integrity', summary, numbers: {}, holds: true }], ...UNJUDGED };
}

/** Scores every row of a shard and sums what the tests need, a chunk of rows at a time. */
export function assessShard(pinned: PinnedTable, { baseline, columns: named, onPhase }: Assessor): AssessedShard {
  const { path, sha256, table } = pinned;
  onPhase?.('check');
  const columns = table.schema.fields.map(({ name }) => name);
  const sourceColumn = findSourceColumn(table, baseline, named);
  const breaches = findBreaches(table, baseline, named, sourceColumn);
  if (breaches.length > 0) {
    const broken = new Set(breaches.map(({ numbers }) => String(numbers['column'])));
    const faults = [...breaches, ...contractFaults(table, named.contract, broken)];
    return {
      assessment: { path, sha256, rows: table.numRows, faults, ...UNJUDGED, columns },
      rows: NO_ROWS,
      items: null,
    };
  }
  const { labels, faults } = readLabels(table, baseline);
  const { sources, sourceOf } = readSources(table, sourceColumn);
  const perRow = signaturesPerRow(baseline.signer);
  const signatures = { perRow, values: new Float64Array(table.numRows * perRow) };
  const places = new Float32Array(baseline.map === null ? 0 : 2 * table.numRows);
  const judgeOf = new Uint8Array(baseline.twin === undefined ? 0 : table.numRows);
  const detectors = emptyRows(baseline, table.numRows);
  const rows: ShardRows = { detectors, labels, sourceOf, signatures, judgeOf, places };
  const tallies = new SourceTallies(baseline.detectors, sourceOf);
  const classes = baseline.classes.length;
  const items: UnhashedItems[] = [];
  const ranks: RankSums[] = [];
  const choose = rowChooser(baseline, { sha256, rows: table.numRows });
  const sampler = new SpectralSampler(baseline);
  const space = baseline.items?.space ?? baseline.suspects?.space ?? null;
  for (let from = 0; from < table.numRows; from += CHUNK_ROWS) {
    const chunk = table.slice(from, from + CHUNK_ROWS);
    const chunkLabels = labels.subarray(from, from + CHUNK_ROWS);
    const digests = digestsOf(baseline, named, chunk);
    const labelled = { table: chunk, labels: chunkLabels, ...scoresOf(baseline, chunk, chunkLabels, digests) };
    const onSigned: OnSigned = (encoded, signed) => {
      if (baseline.spectral === null && baseline.covariates === null) return;
      const rowDigests = digestsIn(signed);
      const chosen = choose(rowDigests);
      sampler.add(from, encoded.features, chunkLabels, rowDigests, chosen);
      if (baseline.covariates !== null) ranks.push(sumRanks(baseline.covariates, encoded, chosen));
    };
    const judges = judgesOf(baseline).map((judge) => evaluate(judge, labelled, onSigned, onPhase));
    onPhase?.('judge');
    signatures.values.set(judges[0]?.signed.values ?? [], from * perRow);
    if (baseline.map !== null) places.set(judges[0]?.placed ?? [], 2 * from);
    judgeRows({
      from,
      judges,
      judgeOf: assignJudges(digests),
      rows,
      classes,
      tallies: (row) => tallies.ofRow(row),
    });
    if (space === null) continue;
    onPhase?.('items');
    items.push(readUnhashed(space, chunk));
  }
  const ranked = addRankSums(ranks);
  return {
    assessment: {
      path,
      sha256,
      rows: table.numRows,
      faults: [
        ...faults,
        ...givenFaults(table, baseline),
        ...(named.contract === undefined ? nullFaults(table, baseline) : contractFaults(table, named.contract)),
      ],
      isJudged: true,
      sources,
      tallies: tallies.all(),
      ...(ranked && { ranks: standingFor(ranked, table.numRows) }),
      columns,
      unusedColumns: unusedColumns(columns, baseline, named),
    },
    rows,
    items: space === null ? null : joinItems(space, items),
    spectral: sampler.sample(),
    oddest: oddestRows(table, detectors, baseline),
  };
}

const NOWHERE = new Float32Array(0);

interface EvaluatedChunk {
  readonly detectors: readonly FittedDetector[];
  readonly signed: Signatures;
  readonly evidence: readonly RowEvidence[];
  /** On the baseline's map, where there is one. */
  readonly placed: Float32Array;
}

/** Chunk by chunk a row gets what it would get in any company: every model looks at rows one by one. */
function evaluate(
  { encoder, detectors, signer, map }: Baseline,
  { table: chunk, ...labelled }: { readonly table: Table; readonly labels: Int32Array; readonly givenScores?: Matrix },
  onSigned: OnSigned,
  onPhase: Assessor['onPhase'],
): EvaluatedChunk {
  return residentScope(() => {
    onPhase?.('features');
    const rows = { ...encodeResident(encoder, chunk), ...labelled };
    const evidence = detectors.map(({ kind, model }) => {
      onPhase?.('detect', kind);
      return detectorOf(kind).evaluate(model, rows);
    });
    onPhase?.('sign');
    const signed = signRows(signer, encoder, chunk, rows);
    onSigned(rows, signed);
    return { detectors, evidence, signed, placed: map === null ? NOWHERE : placeRows(map.plane, rows.features) };
  });
}

/** Called while the features of a chunk are there. */
type OnSigned = (rows: EncodedRows, signed: Signatures) => void;

/** Class scores that labels are judged by, where they are not those of the detector's own model. */
function scoresOf(
  { given, jury }: Baseline,
  chunk: Table,
  labels: Int32Array,
  digests?: Float64Array,
): { givenScores?: Matrix } {
  if (given !== null) return { givenScores: readGivenScores(chunk, given) };
  return jury === undefined || digests === undefined ? {} : { givenScores: hearJury(jury, chunk, digests, labels) };
}

/** Sums by source, −1 standing for rows without one. */
class SourceTallies {
  readonly #bySource = new Map<number, { source: number; rows: number; perDetector: Tally[] }>();

  constructor(
    detectors: readonly FittedDetector[],
    readonly sourceOf: Int32Array,
  ) {
    for (const source of sourceOf) {
      const known = this.#bySource.get(source);
      if (known !== undefined) known.rows++;
      else {
        const perDetector = detectors.map(({ strata, calibrations }) => emptyTally(strata, calibrations));
        this.#bySource.set(source, { source, rows: 1, perDetector });
      }
    }
  }

  ofRow(row: number): readonly Tally[] {
    return this.#bySource.get(this.sourceOf[row] as number)?.perDetector ?? [];
  }

  all(): ShardAssessment['tallies'] {
    return [...this.#bySource.values()];
  }
}

function findBreaches(
  table: Table,
  baseline: Baseline,
  named: NamedColumns,
  sourceColumn: string | undefined,
): ShardFault[] {
  const judgedBy = baseline.columns.filter(({ role }) => role !== 'pred_probs' || baseline.given !== null);
  const breaches = checkSchema(table, judgedBy);
  if (named.source !== undefined && sourceColumn !== named.source) {
    breaches.push({ column: named.source, summary: `column ${named.source} (source) is missing` });
  }
  return breaches.map(({ column, summary }) => ({ kind: 'schema', summary, numbers: { column }, holds: true }));
}

function findSourceColumn(table: Table, baseline: Baseline, named: NamedColumns): string | undefined {
  const names = table.schema.fields.map(({ name }) => name);
  const wanted = named.source ?? baseline.columns.find(({ role }) => role === 'source')?.name;
  if (wanted !== undefined) return names.find((name) => name === wanted);
  return names.find((name) => (roleAsNamed(name, named) ?? roleByName(name)) === 'source');
}

function readSources(table: Table, column: string | undefined): { sources: readonly string[]; sourceOf: Int32Array } {
  if (column === undefined) return { sources: [], sourceOf: new Int32Array(table.numRows).fill(-1) };
  const { values, codes } = readCodes(table.getChild(column) as Vector);
  return { sources: values, sourceOf: codes };
}

function unusedColumns(columns: readonly string[], baseline: Baseline, named: NamedColumns): string[] {
  const known = new Set(baseline.columns.map(({ name }) => name));
  return columns.filter(
    (name) => !known.has(name) && roleAsNamed(name, named) === undefined && roleByName(name) === undefined,
  );
}
