import type { Table } from 'apache-arrow';
import { someOf } from '../count.js';
import {
  calibrate,
  callChanged,
  classRows,
  detectors,
  findAllSuspects,
  fitJury,
  fitSpace,
  type Jury,
  ONE_STRATUM,
  type Strata,
  type Suspects,
  scoresAcross,
  strataOf,
  type TrustedRows,
} from '../detect/index.js';
import {
  type ColumnRole,
  encodeRows,
  fitEncoder,
  fitSigner,
  type NamedColumns,
  readGivenScores,
  rowDigests,
  type Signer,
  signaturesPerRow,
  takeRows,
  unitWeightsOf,
} from '../encode/index.js';
import { type Matrix, selectRows } from '../linear/index.js';
import type { ModelUsed } from '../schema/index.js';
import { comparedNames, featureNames, readLabels } from './columns.js';
import { groupCopies } from './copies.js';
import { notesOnGiven, readGiven } from './given.js';
import type { Baseline, FittedDetector } from './types.js';
import { areNearlyUnique, type RowsToFit, requireClasses, requireFeatures, requireRows, unusable } from './usable.js';

/** Rows of the batch itself. */
export interface SampledTable {
  readonly table: Table;
  /** The models that added columns. */
  readonly models?: readonly ModelUsed[];
  /** Of the shards that were sampled, in order. */
  readonly sha256: string;
  /** For messages. */
  readonly path: string;
}

const MIN_DISTINCT_ROWS = 30;
const MIN_FOLD_ROWS = 10;
const GIVE_BASELINE = 'Pass --baseline with a folder or file of rows you trust.';

const BLIND_SPOT =
  'No baseline was given, so the batch was judged against itself: each row by other rows than itself and its copies, ' +
  'each shard and each source by comparison with the rest of the batch. Poison that is spread evenly over all ' +
  'shards and sources, or that makes up most of the batch, cannot be seen without trusted rows (--baseline).';
const TRIGGERS_TOO =
  'Words, patches of pixels and ways to begin a text were looked for whose rows have one label that all else in them ' +
  'contradicts. Other triggers are not seen without trusted rows.';
const INNOCENT_DIFFERENCES =
  'Shards and sources are expected to be alike. Where they differ for innocent reasons (files sorted by time, label or ' +
  'origin), one may be held that is sound.';

/** Scores of every class for every row of a sample are kept: with more classes they would take too much memory. */
const MOST_JURY_CLASSES = 1000;
/** Of the encoders of the halves beside a jury: nothing there is judged by the landmarks of a text, and none would do. */
const LANDMARKS_BESIDE_JURY = 1;

const NEEDLESS: Pick<Baseline, 'items' | 'spectral' | 'covariates' | 'map' | 'exemplars'> = {
  items: null,
  spectral: null,
  covariates: null,
  map: null,
  exemplars: null,
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
 * @throws BadInput BATCH_UNUSABLE when there are too few rows, no features or no classes to tell apart, or when the
 *   probabilities that the rows bring are none of their classes.
 */
export function fitProvisional(sample: SampledTable, columns: readonly ColumnRole[], named: NamedColumns): Baseline {
  const { table, sha256, models = [] } = sample;
  const rowsToFit: RowsToFit = { code: 'BATCH_UNUSABLE', path: sample.path };
  const features = featureNames(columns);
  // Without rows columns have no type, and so no role.
  if (table.numRows === 0) throw unusable(rowsToFit, 'has no rows to tell usual from unusual', GIVE_BASELINE);
  const { classes, labels } = knownLabels(table, columns);
  const given = readGiven(table, columns, classes, rowsToFit);
  if (given === undefined) requireFeatures(rowsToFit, features);
  const judgedBy = given !== undefined && features.length === 0 ? [given.given.column] : features;
  const digests = rowDigests(table, comparedNames(columns, named));
  const halves = divide(table, labels, digests);
  requireRows(rowsToFit, fewRows(halves), GIVE_BASELINE);
  const strata = commonStrata(halves, classes.length);
  const isUnjudged = strata.count === 0 && areNearlyUnique(classes, labels);
  requireClasses(rowsToFit, classes, isUnjudged, 'with --id that a column is none.');
  const isHeard = given === undefined && strata.count > 0 && classes.length > 1 && classes.length <= MOST_JURY_CLASSES;
  const heard = isHeard ? swearIn(sample, columns, { digests, labels, classes: classes.length }) : undefined;
  const scored = halves.map((half): Half => {
    if (given !== undefined) return { ...half, givenScores: readGivenScores(half.table, given.given) };
    return heard === undefined ? half : { ...half, givenScores: selectRows(heard.scores, half.chosen) };
  });
  const fit = { columns, strata, classes: classes.length };
  const mayCarry = heard !== undefined && columns.some(({ role }) => role === 'text' || role === 'image');
  const [first, twin] = scored.map((judged, fold): Baseline => {
    const fittedOn = scored[1 - fold] as Half;
    return {
      columns,
      classes,
      ...fitOn(fittedOn, judged, { ...fit, names: fold === 0 ? judgedBy : null, seed: `${sha256}/${fold}` }),
      ...NEEDLESS,
      given: given?.given ?? null,
      models,
      rows: table.numRows,
      distinctRows: halves.reduce((sum, { distinct }) => sum + distinct.length, 0),
      blocks: 0,
      sha256,
      notes: [
        ...[BLIND_SPOT, INNOCENT_DIFFERENCES, FLOODS_APART],
        ...(mayCarry ? [TRIGGERS_TOO] : []),
        ...notesOnGiven(given, features),
        ...notesOn(classes, strata),
      ],
    };
  });
  const suspects =
    heard && mayCarry
      ? lookForTriggers(table, columns, { digests, labels, classes: classes.length, jury: heard.jury })
      : undefined;
  return {
    ...(first as Baseline),
    twin: twin as Baseline,
    ...(heard && { jury: heard.jury }),
    ...(suspects && { suspects }),
  };
}

/** As readLabels; where the user has listed the classes, a label beside them is none: no sender adds classes. */
function knownLabels(table: Table, columns: readonly ColumnRole[]): ReturnType<typeof readLabels> {
  const { classes, labels } = readLabels(table, columns);
  const listed = columns.find(({ role }) => role === 'pred_probs')?.classes;
  if (listed === undefined) return { classes, labels };
  const known = classes.filter((name) => listed.includes(name));
  const indices = Int32Array.from(classes, (name) => known.indexOf(name));
  return { classes: known, labels: labels.map((label) => indices[label] ?? -1) };
}

function divide(table: Table, labels: Int32Array, digests: Float64Array): Half[] {
  return [0, 1].map((fold) => {
    const chosen = Int32Array.from([...digests.keys()].filter((row) => foldOf(digests[row] as number) === fold));
    const own = Float64Array.from(chosen, (row) => digests[row] as number);
    return {
      chosen,
      table: takeRows(table, chosen),
      labels: Int32Array.from(chosen, (row) => labels[row] as number),
      digests: own,
      ...groupCopies(own),
    };
  });
}

/** Fits what judges labels, on all rows: each is scored without itself and its copies all the same. */
function swearIn(
  { table, sha256: seed }: SampledTable,
  columns: readonly ColumnRole[],
  { digests, ...labelled }: { digests: Float64Array; labels: Int32Array; classes: number },
): { jury: Jury; scores: Matrix } {
  const { copies, distinct } = groupCopies(digests);
  const encoder = fitEncoder(table, columns, distinct, seed);
  return fitJury({ ...encodeRows(encoder, table), ...labelled, copies, digests }, encoder, seed);
}

/** Copies of a row tell no more of what it carries. */
function lookForTriggers(
  table: Table,
  columns: readonly ColumnRole[],
  { digests, labels, classes, jury }: { digests: Float64Array; labels: Int32Array; classes: number; jury: Jury },
): Suspects {
  const { distinct } = groupCopies(digests);
  const own = (values: Float64Array | Int32Array) => (row: number) => values[row] as number;
  const rows = takeRows(table, distinct);
  const space = fitSpace(rows, columns);
  if (space === null) return { space, items: [] };
  return findAllSuspects(
    {
      table: rows,
      labels: Int32Array.from(distinct, own(labels)),
      digests: Float64Array.from(distinct, own(digests)),
      classes,
      call: (changed, known) => callChanged(jury, changed, known),
    },
    space,
  );
}

interface Half extends ReturnType<typeof groupCopies> {
  /** Its rows among those of the sample. */
  readonly chosen: Int32Array;
  readonly table: Table;
  readonly labels: Int32Array;
  readonly digests: Float64Array;
  /** Log probabilities that the rows bring, or class scores of the jury; left out where there are no classes. */
  readonly givenScores?: Matrix;
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
function fitOn(half: Half, judged: Half, fit: Fit): Pick<Baseline, 'encoder' | 'detectors' | 'signer' | 'signed'> {
  const { columns, classes, seed } = fit;
  const encoder = fitEncoder(half.table, columns, half.distinct, seed, half.givenScores && LANDMARKS_BESIDE_JURY);
  const unvouched = { unitWeights: unitWeightsOf(encoder), seed };
  const labelled = ({ table, labels, givenScores }: Half) => ({
    ...encodeRows(encoder, table),
    labels,
    ...(givenScores && { givenScores }),
  });
  const rows: TrustedRows = { ...labelled(half), classes, copies: half.copies, digests: half.digests, unvouched };
  const others = labelled(judged);
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
      // The flips of a batch are part of what rows are ranked among: in a rare class they would hide one another (adult, 5 %
      // flips: AUROC .93 instead of .88).
      ranks: scoresAcross(calibration),
      effect: own.effect ?? null,
      blocks: [],
    };
  });
  const signer = fit.names === null ? NO_SIGNER : fitSigner(fit.names, encoder, half.table, rows, half.distinct);
  const signed = {
    signatures: { perRow: signaturesPerRow(signer), values: new Float64Array(0) },
    labels: new Int32Array(0),
  };
  return { encoder, detectors: fitted.filter((one) => one !== undefined), signer, signed };
}

/** Strata in which either half has rows enough. */
function commonStrata(halves: readonly Half[], classes: number): Strata {
  const rows = halves.map(({ labels, distinct }) => classRows(labels, classes, distinct));
  return strataOf(Int32Array.from({ length: classes }, (_, index) => Math.min(...rows.map((of) => of[index] ?? 0))));
}

function fewRows(halves: readonly Half[]): string | undefined {
  const distinct = halves.map((half) => half.distinct.length);
  const sum = distinct.reduce((a, b) => a + b, 0);
  const areEnough = sum >= MIN_DISTINCT_ROWS && Math.min(...distinct) >= MIN_FOLD_ROWS;
  return areEnough ? undefined : `${sum} distinct ${sum === 1 ? 'row' : 'rows'}, and so few`;
}

function notesOn(classes: readonly string[], { ofClass }: Strata): string[] {
  if (classes.length === 0) return ['The rows have no labels: labels are not checked.'];
  const unjudged = classes.filter((_, index) => ofClass[index] === -1);
  return unjudged.length === 0
    ? []
    : [`label-flip: not judged for want of 30 rows in each half of the batch: ${someOf(unjudged)}.`];
}
