import {
  type Calibration,
  type ClassTails,
  detectors,
  type Effect,
  type JudgedRows,
  type LabelFlipModel,
  labelFlip,
  type OutlierModel,
  outlier,
  type Strata,
  TAIL_SHARES,
  type Tally,
} from '../../detect/index.js';
import {
  type Banding,
  type ColumnRole,
  denseDimsOf,
  type Encoder,
  type GivenProbabilities,
  type InvertedIndex,
  type Signatures,
  type Signer,
  signaturesPerRow,
} from '../../encode/index.js';
import type { Matrix } from '../../linear/index.js';
import type { ModelUsed } from '../../schema/index.js';
import type { Baseline, FittedDetector, HeldOutBlock } from '../types.js';
import { assertCharacters } from './characters-shape.js';
import { assertCovariates } from './covariates-shape.js';
import { itemsShape } from './items-shape.js';
import { assertJury } from './jury-shape.js';
import { assertMatrix, exemplarsShape, mapShape, matrix } from './picture-shape.js';
import {
  areStarts,
  arrayOf,
  assertRecord,
  count,
  digest,
  flag,
  histogram,
  listOf,
  Misshapen,
  number,
  oneOf,
  orNull,
  record,
  type Shape,
  text,
} from './shape.js';
import { spectralShape } from './spectral-shape.js';
import { assertCorrections } from './trees-shape.js';
import { assertWords } from './words-shape.js';

const floats = arrayOf(Float32Array);
const anyRecord: Shape = assertRecord;

const baseline = record<Omit<Baseline, 'twin' | 'jury' | 'suspects'>>({
  columns: listOf(record<Omit<ColumnRole, 'classes'>>({ name: text, role: text, type: text, guessed: flag })),
  classes: listOf(text),
  encoder: record<Encoder>({
    tabular: orNull(anyRecord),
    vectors: listOf(anyRecord),
    text: orNull(anyRecord),
    expansion: orNull(anyRecord),
    landmarks: orNull(anyRecord),
  }),
  models: listOf(record<ModelUsed>({ name: text, sha256: digest })),
  given: orNull(
    record<GivenProbabilities>({ column: text, classOf: arrayOf(Int32Array), classes: count, mostWithout: number }),
  ),
  detectors: listOf(anyRecord),
  signer: record<Signer>({
    columns: listOf(record<Signer['columns'][number]>({ name: text, isText: flag })),
    banding: orNull(record<Banding>({ bands: count, signs: count, words: count })),
  }),
  signed: record<Baseline['signed']>({
    signatures: record<Signatures>({ perRow: count, values: arrayOf(Float64Array) }),
    labels: arrayOf(Int32Array),
  }),
  items: orNull(anyRecord),
  spectral: orNull(anyRecord),
  covariates: orNull(anyRecord),
  map: orNull(anyRecord),
  exemplars: orNull(anyRecord),
  rows: count,
  distinctRows: count,
  blocks: count,
  sha256: text,
  notes: listOf(text),
});

function strataShape(classes: number): Shape {
  const keys = record<Strata>({ count, ofClass: arrayOf(Int32Array) });
  return (value, at) => {
    keys(value, at);
    const { count: strata, ofClass } = value as Strata;
    const isWhole = ofClass.length === 0 ? strata === 1 : ofClass.length === classes;
    const isInside = ofClass.every((stratum) => stratum >= -1 && stratum < strata);
    if (!isWhole || !isInside) throw new Misshapen(`${at} does not fit ${classes} classes`);
  };
}

/** Empty, or one a stratum. */
function perStratum(shape: Shape, strata: number): Shape {
  const all = listOf(shape, strata);
  return (value, at) => {
    if (!Array.isArray(value) || value.length > 0) all(value, at);
  };
}

const tailsShape = record<ClassTails>({ rows: arrayOf(Float64Array), tailCounts: arrayOf(Float64Array) });

function classTails(value: unknown, at: string): void {
  tailsShape(value, at);
  const { rows, tailCounts } = value as ClassTails;
  if (tailCounts.length !== rows.length * TAIL_SHARES.length) throw new Misshapen(`${at} does not fit its classes`);
}

function judgedShape(strata: number): Shape {
  const whole = record<JudgedRows>({
    rows: arrayOf(Int32Array),
    strata: arrayOf(Int32Array),
    reached: arrayOf(Uint8Array),
    levels: arrayOf(Int8Array),
    pairs: arrayOf(Int32Array),
  });
  return (value, at) => {
    whole(value, at);
    const judged = value as JudgedRows;
    const each = [judged.strata, judged.reached].every(({ length }) => length === judged.rows.length);
    const some = [judged.levels, judged.pairs].every(({ length }) => length === 0 || length === judged.rows.length);
    const isInside =
      judged.strata.every((stratum) => stratum >= 0 && stratum < strata) &&
      judged.reached.every((reached) => reached <= TAIL_SHARES.length);
    if (!each || !some || !isInside) throw new Misshapen(`${at} does not fit its rows`);
  };
}

function detectorShape(classes: number): Shape {
  const head = record<Pick<FittedDetector, 'kind' | 'strata'>>({
    kind: oneOf(detectors.map(({ kind }) => kind)),
    strata: strataShape(classes),
  });
  return (value, at) => {
    head(value, at);
    const strata = (value as FittedDetector).strata.count;
    const perShare = arrayOf(Float64Array, strata * TAIL_SHARES.length);
    const parts = {
      rows: arrayOf(Float64Array, strata),
      tailCounts: perShare,
      tailThresholds: perShare,
      logRatios: perStratum(histogram, strata),
      calls: histogram,
      classTails: orNull(classTails),
    };
    const scores = listOf(arrayOf(Float64Array), strata);
    const calibration = record<Omit<Calibration, 'tilted'>>({ ...parts, scores, judged: orNull(judgedShape(strata)) });
    // Those of blocks are kept without their scores.
    const ofBlock = record<Omit<Calibration, 'tilted' | 'judged'>>({
      ...parts,
      scores: perStratum(arrayOf(Float64Array), strata),
    });
    const tally = record<Tally>({
      rows: arrayOf(Float64Array, strata),
      above: listOf(perShare, 1),
      logRatios: perStratum(histogram, strata),
      calls: histogram,
    });
    record<Omit<FittedDetector, 'kind' | 'strata' | 'ranks'>>({
      model: anyRecord,
      calibrations: atLeastOne(listOf(calibration)),
      effect: orNull(record<Effect>({ overall: number, byClass: arrayOf(Float64Array, classes) })),
      blocks: listOf(record<HeldOutBlock>({ tally, calibration: ofBlock })),
    })(value, at);
  };
}

function atLeastOne(list: Shape): Shape {
  return (value, at) => {
    list(value, at);
    if ((value as unknown[]).length === 0) throw new Misshapen(`${at} is empty`);
  };
}

const invertedIndex = record<InvertedIndex>({
  references: count,
  starts: arrayOf(Int32Array),
  rows: arrayOf(Int32Array),
  values: floats,
});

function assertInvertedIndex({ references, starts, rows, values }: InvertedIndex, at: string): void {
  const fits = areStarts(starts, rows.length) && rows.length === values.length;
  if (!fits || !rows.every((row) => row >= 0 && row < references)) {
    throw new Misshapen(`${at} points outside itself`);
  }
}

/** Matrices and indices wherever they stand in a model: what they say of their size is what loops run to. */
function assertIndexed(value: unknown, at: string): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Map) return;
  const has = (...keys: string[]) => keys.every((key) => Object.hasOwn(value, key));
  if (has('rows', 'cols', 'data')) {
    matrix(value, at);
    assertMatrix(value as Matrix, at);
  } else if (has('references', 'starts')) {
    invertedIndex(value, at);
    assertInvertedIndex(value as InvertedIndex, at);
  } else {
    for (const [key, part] of Object.entries(value)) assertIndexed(part, `${at}.${key}`);
  }
}

function assertSigned({ signer, signed: { signatures, labels }, rows, classes }: Baseline): void {
  const perRow = signaturesPerRow(signer);
  // Without trusted rows no copies are counted, and none of them are signed.
  const signedRows = labels.length === 0 ? 0 : rows;
  const isWhole = signatures.values.length === signedRows * perRow && labels.length === signedRows;
  if (signatures.perRow !== perRow || !isWhole) {
    throw new Misshapen(`.signed does not fit ${rows} rows`);
  }
  if (!labels.every((label) => label >= -1 && label < classes.length)) {
    throw new Misshapen('.signed.labels has classes that are not there');
  }
}

/** Throws Misshapen where the data lacks what scoring and deciding reach for. */
export function assertBaseline(value: unknown): asserts value is Baseline {
  assertHalf(value);
  const { twin, jury, classes } = value as Baseline;
  if (twin !== undefined) assertHalf(twin);
  if (jury !== undefined) assertJury(jury, classes.length);
}

function assertHalf(value: unknown): void {
  baseline(value, '');
  const { classes, encoder, given, detectors: fitted, map, exemplars, items, spectral, covariates } = value as Baseline;
  if (given !== null && !given.classOf.every((index) => index >= -1 && index < classes.length)) {
    throw new Misshapen(`.given does not fit ${classes.length} classes`);
  }
  listOf(detectorShape(classes.length))(fitted, '.detectors');
  assertSigned(value as Baseline);
  assertIndexed(encoder, '.encoder');
  fitted.forEach(({ kind, model }, index) => {
    const at = `.detectors[${index}].model`;
    assertIndexed(model, at);
    if (kind === labelFlip.kind) assertLabelModel(model as LabelFlipModel, encoder, classes.length, at);
    if (kind === outlier.kind) assertOutlierModel(model as OutlierModel, encoder, at);
  });
  orNull(itemsShape(classes.length))(items, '.items');
  orNull(spectralShape(classes.length))(spectral, '.spectral');
  assertCovariates(value as Baseline, covariates);
  orNull(mapShape(classes.length))(map, '.map');
  orNull(exemplarsShape(classes.length))(exemplars, '.exemplars');
}

function assertOutlierModel({ characters }: OutlierModel, encoder: Encoder, at: string): void {
  if (characters === null) return;
  assertCharacters(characters?.model, encoder, `${at}.characters.model`);
}

/** What models of labels are mixed of. */
function assertLabelModel({ ridge }: LabelFlipModel, encoder: Encoder, classes: number, at: string): void {
  if (ridge === null) return;
  assertWords(ridge, encoder, classes, `${at}.ridge`);
  assertCorrections(ridge, denseDimsOf(encoder), classes, `${at}.ridge`);
}
