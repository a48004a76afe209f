import { someOf } from '../count.js';
import {
  type CountedRows,
  calibrate,
  classStrata,
  countTrusted,
  detectors,
  fitCovariates,
  fitSpace,
  fitSpectral,
  ONE_STRATUM,
  type TrustedItems,
  type TrustedRows,
  withJudgedRows,
} from '../detect/index.js';
import {
  type ColumnRole,
  encodeRows,
  fitEncoder,
  fitSigner,
  rowDigests,
  type Signer,
  signRows,
} from '../encode/index.js';
import { type Blocks, findBlocks, holdOutBlocks } from './blocks.js';
import { featureNames, readLabels } from './columns.js';
import { groupCopies } from './copies.js';
import { chooseExemplars } from './exemplars.js';
import { notesOnGiven, readGiven } from './given.js';
import { fitMap } from './map.js';
import type { Baseline, FittedDetector, TrustedTable } from './types.js';
import { areNearlyUnique, type RowsToFit, requireClasses, requireFeatures, requireRows } from './usable.js';

const MIN_TRUSTED_ROWS = 100;
const MIN_DISTINCT_ROWS = 30;

export interface FitOptions {
  /** Keep some rows with their values, to show beside rows that look bad. */
  readonly exemplars: boolean;
}

/**
 * Fits encoder, detectors and calibrations on trusted rows; none of their values are kept unless asked for.
 * @throws BadInput BASELINE_UNUSABLE when there are too few rows, no features or no classes to tell apart.
 */
export function fitBaseline(
  trusted: TrustedTable,
  columns: readonly ColumnRole[],
  options: FitOptions = { exemplars: false },
): Baseline {
  const { table } = trusted;
  const features = featureNames(columns);
  const rowsToFit: RowsToFit = { code: 'BASELINE_UNUSABLE', path: trusted.path };
  // Without rows columns have no type, and so no role.
  requireRows(rowsToFit, fewRows(trusted, table.numRows), 'Add trusted rows.');
  const { classes, labels } = readLabels(table, columns);
  const given = readGiven(table, columns, classes, rowsToFit);
  if (given === undefined) requireFeatures(rowsToFit, features);
  const judgedBy = given !== undefined && features.length === 0 ? [given.given.column] : features;
  const digests = rowDigests(table, judgedBy);
  const { copies, distinct } = groupCopies(digests);
  requireRows(rowsToFit, fewRows(trusted, distinct.length), 'Add trusted rows.');
  const encoder = fitEncoder(table, columns, distinct, trusted.sha256);
  const rows: TrustedRows = {
    ...encodeRows(encoder, table),
    labels,
    ...(given && { givenScores: given.scores }),
    classes: classes.length,
    copies,
    digests,
  };
  const blocks = findBlocks(trusted, columns);
  const fitted = detectors
    .map((_, index) => fitDetector(index, rows, distinct, blocks))
    .filter((one) => one !== undefined);
  const isUnjudged = fitted.some(({ kind, strata }) => kind === 'label-flip' && strata.count === 0);
  requireClasses(rowsToFit, classes, isUnjudged || areNearlyUnique(classes, labels), 'add trusted rows.');
  const signer = fitSigner(judgedBy, encoder, table, rows, distinct);
  return {
    columns,
    classes,
    encoder,
    models: trusted.models ?? [],
    given: given?.given ?? null,
    detectors: fitted,
    signer,
    signed: { signatures: signRows(signer, encoder, table, rows), labels },
    items:
      given === undefined && classes.length > 1
        ? countItems(columns, { table, labels, features: rows.features, classes: classes.length })
        : null,
    spectral: fitSpectral(rows, distinct),
    covariates: blocks.areEnough ? null : fitCovariates(rows, distinct),
    map: fitMap(rows.features, labels, distinct),
    exemplars: options.exemplars
      ? chooseExemplars({ table, columns, features: rows.features, labels, distinct })
      : null,
    rows: table.numRows,
    distinctRows: distinct.length,
    blocks: blocks.count,
    sha256: trusted.sha256,
    notes: [...notesOnGiven(given, features), ...notesOn(classes, fitted, blocks), ...noteCopies(signer)],
  };
}

function countItems(columns: readonly ColumnRole[], trusted: CountedRows): TrustedItems | null {
  const space = fitSpace(trusted.table, columns);
  return space === null ? null : countTrusted(space, trusted);
}

function fitDetector(
  index: number,
  rows: TrustedRows,
  distinct: Int32Array,
  blocks: Blocks,
): FittedDetector | undefined {
  const detector = detectors[index];
  const fitted = detector?.fit(rows);
  if (detector === undefined || fitted === undefined) return undefined;
  const byClass = classStrata(rows.labels, rows.classes, distinct);
  const strata = detector.perClass ? byClass : ONE_STRATUM;
  const heldOut = holdOutBlocks({ detector, fitted, rows, distinct, strata, blocks });
  const evidence = blocks.isGroup ? (heldOut?.evidence ?? fitted.evidence) : fitted.evidence;
  const chosen =
    distinct.length === rows.rows ? [distinct] : [distinct, Int32Array.from({ length: rows.rows }, (_, row) => row)];
  return {
    kind: detector.kind,
    model: fitted.model,
    strata,
    calibrations: chosen.map((some) => {
      const { labels, classes } = rows;
      const calibration = calibrate(evidence, labels, classes, strata, some, detector.perClass ? null : byClass);
      return blocks.areEnough ? calibration : withJudgedRows(calibration, evidence, labels, classes, strata, some);
    }),
    effect: fitted.effect ?? null,
    blocks: heldOut?.blocks ?? [],
  };
}

function fewRows({ table }: TrustedTable, distinct: number): string | undefined {
  if (table.numRows < MIN_TRUSTED_ROWS) return `${table.numRows} rows, and fewer than ${MIN_TRUSTED_ROWS}`;
  return distinct < MIN_DISTINCT_ROWS ? `${distinct} distinct rows, and fewer than ${MIN_DISTINCT_ROWS}` : undefined;
}

function noteCopies({ banding }: Signer): string[] {
  return banding === null
    ? ['duplicate-flood: only exact copies are looked for, because many trusted rows are nearly alike.']
    : [];
}

function notesOn(classes: readonly string[], fitted: readonly FittedDetector[], blocks: Blocks): string[] {
  const notes: string[] = [];
  if (classes.length === 0) notes.push('The trusted rows have no labels: labels are not checked.');
  for (const { kind, strata } of fitted) {
    const unjudged = classes.filter((_, index) => strata.ofClass[index] === -1);
    if (unjudged.length > 0) notes.push(`${kind}: not judged for want of 30 trusted rows: ${someOf(unjudged)}.`);
  }
  if (!blocks.areEnough) {
    notes.push(
      `The baseline has ${blocks.count} ${blocks.count === 1 ? 'block' : 'blocks'} (files or groups collected together); with five or more, how much ` +
        'trusted batches differ among themselves would be measured, now the tolerance of the policy stands for it.',
    );
  }
  return notes;
}
