import type { Table } from 'apache-arrow';
import {
  type Calibration,
  calibrate,
  classRows,
  detectors,
  ONE_STRATUM,
  type Strata,
  strataOf,
  type TrustedRows,
} from '../detect/index.js';
import {
  type ColumnRole,
  encodeRows,
  fitEncoder,
  fitSigner,
  rowDigests,
  type Signer,
  takeRows,
  unitWeightsOf,
} from '../encode/index.js';
import { BadInput } from '../errors.js';
import { featureNames, readLabels } from './columns.js';
import { groupCopies } from './copies.js';
import type { Baseline, FittedDetector } from './types.js';

/** Rows of the batch itself. */
export interface SampledTable {
  readonly table: Table;
  /** Of the shards that were sampled, in order. */
  readonly sha256: string;
  /** For messages. */
  readonly path: string;
}

const MIN_DISTINCT_ROWS = 30;
const MIN_FOLD_ROWS = 10;

const BLIND_SPOT =
  'No baseline was given, so the batch was judged against itself: each row by the half of the rows that does not hold ' +
  'it, each shard and each source by comparison with the rest of the batch. Poison that is spread evenly over all ' +
  'shards and sources, or that makes up most of the batch, cannot be seen without trusted rows (--baseline).';
const INNOCENT_DIFFERENCES =
  'Shards and sources are expected to be alike. Where they differ for innocent reasons (files sorted by time, label or ' +
  'origin), one may be held that is sound.';

/** Rows are signed, but there are none that copies could be compared with. */
const UNSIGNED: Pick<Baseline, 'signed' | 'items' | 'map' | 'exemplars' | 'given' | 'models'> = {
  signed: { signatures: { perRow: 1, values: new Float64Array(0) }, labels: new Int32Array(0) },
  items: null,
  map: null,
  exemplars: null,
  given: null,
  models: [],
};
/** One signer for the rows of both folds, that of the first baseline. */
const NO_SIGNER: Signer = { columns: [], banding: null };
const FLOODS_APART =
  'Floods of copies are found where most copies are in one shard or of one source; how many copies are usual in all, ' +
  'only trusted rows tell.';

/** Rows of fold `fold` are judged by models that were fitted on the other fold. */
export function foldOf(digest: number): 0 | 1 {
  // Copies of a row have one digest, so that no row is judged by a model that has seen its copy.
  return digest % 2 === 0 ? 0 : 1;
}

/**
 * Fits two baselines on rows of the batch itself, each on the half that the other one judges.
 * @throws BadInput BATCH_UNUSABLE when there are too few rows, no features or no classes to tell apart.
 */
export function fitProvisional(sample: SampledTable, columns: readonly ColumnRole[]): Baseline {
  const { table, sha256 } = sample;
  const features = featureNames(columns);
  // Without rows columns have no type, and so no role.
  if (table.numRows === 0) throw tooFewRows(sample, 'it has no rows to tell usual from unusual');
  requireFeatures(sample, features);
  const digests = rowDigests(table, features);
  const { classes, labels } = readLabels(table, columns);
  const halves: Half[] = [0, 1].map((fold) => {
    const chosen = Int32Array.from([...digests.keys()].filter((row) => foldOf(digests[row] as number) === fold));
    return {
      table: takeRows(table, chosen),
      labels: Int32Array.from(chosen, (row) => labels[row] as number),
      ...groupCopies(Float64Array.from(chosen, (row) => digests[row] as number)),
    };
  });
  requireRows(sample, halves);
  const strata = commonStrata(halves, classes.length);
  requireClasses(sample, classes, labels, strata);
  const [first, twin] = halves.map((judged, fold): Baseline => {
    const fittedOn = halves[1 - fold] as Half;
    return {
      columns,
      classes,
      ...fitOn(fittedOn, judged, {
        columns,
        names: fold === 0 ? features : null,
        strata,
        classes: classes.length,
        seed: `${sha256}/${fold}`,
      }),
      ...UNSIGNED,
      rows: table.numRows,
      distinctRows: halves.reduce((sum, { distinct }) => sum + distinct.length, 0),
      blocks: 0,
      sha256,
      notes: [BLIND_SPOT, INNOCENT_DIFFERENCES, FLOODS_APART, ...notesOn(classes, strata)],
    };
  });
  return { ...(first as Baseline), twin: twin as Baseline };
}

interface Half extends ReturnType<typeof groupCopies> {
  readonly table: Table;
  readonly labels: Int32Array;
}

interface Fit {
  /** Columns by which rows are signed; null for a baseline that signs none. */
  readonly names: readonly string[] | null;
  readonly columns: readonly ColumnRole[];
  readonly strata: Strata;
  readonly classes: number;
  readonly seed: string;
}

/** Everything is fitted on one half and calibrated on what it says of the other. */
function fitOn(half: Half, judged: Half, fit: Fit): Pick<Baseline, 'encoder' | 'detectors' | 'signer'> {
  const { columns, classes, seed } = fit;
  const encoder = fitEncoder(half.table, columns, half.distinct, seed);
  const unvouched = { unitWeights: unitWeightsOf(encoder), seed };
  const { labels, copies } = half;
  const rows: TrustedRows = { ...encodeRows(encoder, half.table), labels, classes, copies, unvouched };
  const others = { ...encodeRows(encoder, judged.table), labels: judged.labels };
  const fitted = detectors.map((detector): FittedDetector | undefined => {
    const own = detector.fit(rows);
    if (own === undefined) return undefined;
    const strata = detector.perClass ? fit.strata : ONE_STRATUM;
    const evidence = detector.evaluate(own.model, others);
    const calibration = calibrate(evidence, judged.labels, classes, strata, judged.distinct);
    return {
      kind: detector.kind,
      model: own.model,
      strata,
      calibrations: [calibration],
      ranks: joinScores(calibration),
      effect: own.effect ?? null,
      blocks: [],
    };
  });
  const signer = fit.names === null ? NO_SIGNER : fitSigner(fit.names, encoder, half.table, rows, half.distinct);
  return { encoder, detectors: fitted.filter((one) => one !== undefined), signer };
}

/**
 * Rows are ranked among those of all classes: the flips of a batch are part of what they are ranked among, and in a rare
 * class they would hide one another (adult, 5 % flips: AUROC .93 instead of .88).
 */
function joinScores({ scores }: Calibration): Float64Array {
  return Float64Array.from(scores.flatMap((some) => [...some])).sort();
}

/** Strata in which either half has rows enough. */
function commonStrata(halves: readonly Half[], classes: number): Strata {
  const rows = halves.map(({ labels, distinct }) => classRows(labels, classes, distinct));
  return strataOf(Int32Array.from({ length: classes }, (_, index) => Math.min(...rows.map((of) => of[index] ?? 0))));
}

function requireFeatures({ path }: SampledTable, features: readonly string[]): void {
  if (features.length > 0) return;
  throw new BadInput('BATCH_UNUSABLE', {
    path,
    detail: 'it has no column to judge rows by, no numbers, categories, text, image or embedding',
    remedy: 'Give --label, --source, --group or --id only for columns that have those roles.',
  });
}

function requireRows(sample: SampledTable, halves: readonly Half[]): void {
  const distinct = halves.map((half) => half.distinct.length);
  const sum = distinct.reduce((a, b) => a + b, 0);
  if (sum >= MIN_DISTINCT_ROWS && Math.min(...distinct) >= MIN_FOLD_ROWS) return;
  const rows = sum === 1 ? 'row' : 'rows';
  throw tooFewRows(sample, `it has ${sum} distinct ${rows}, and so few cannot tell usual from unusual`);
}

function tooFewRows({ path }: SampledTable, detail: string): BadInput {
  return new BadInput('BATCH_UNUSABLE', {
    path,
    detail,
    remedy: 'Pass --baseline with a folder or file of rows you trust.',
  });
}

/** A label that is always the same, or nearly never, is another column than was meant, and nothing about it is judged. */
function requireClasses({ path }: SampledTable, classes: readonly string[], labels: Int32Array, strata: Strata): void {
  if (classes.length === 0) return;
  const labelled = labels.filter((label) => label >= 0).length;
  const detail =
    classes.length === 1
      ? `its label is always ${classes[0]}`
      : strata.count === 0 && 2 * classes.length > labelled
        ? `its label has ${classes.length} values in ${labelled} rows`
        : undefined;
  if (detail === undefined) return;
  throw new BadInput('BATCH_UNUSABLE', {
    path,
    detail,
    remedy: 'Say with --label which column is the label, or with --id that a column is none.',
  });
}

function notesOn(classes: readonly string[], { ofClass }: Strata): string[] {
  if (classes.length === 0) return ['The rows have no labels: labels are not checked.'];
  const unjudged = classes.filter((_, index) => ofClass[index] === -1);
  return unjudged.length === 0
    ? []
    : [`label-flip: not judged for want of 30 rows in each half of the batch: ${unjudged.join(', ')}.`];
}
