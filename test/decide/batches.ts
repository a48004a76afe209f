import type { ShardAssessment } from '../../src/assess/index.js';
import type { Baseline, FittedDetector } from '../../src/baseline/index.js';
import { type Effect, ONE_STRATUM } from '../../src/detect/index.js';
import { seededRandom, standardNormal } from '../../src/linear/index.js';
import { calibrateOn, detectorOf, type Judge, type Row, tallyOf } from './rows.js';

const CLASSES = ['cat', 'dog', 'fox'];
const SHARES = [0.4, 0.35, 0.25];

const FLIPS: Judge = { strata: { count: 3, ofClass: Int32Array.of(0, 1, 2) }, classes: 3 };
const OUTLIERS: Judge = { strata: ONE_STRATUM, classes: 3 };

/** A row as a model sees it. */
export interface BatchRow {
  readonly source: string | null;
  /** −1 for a label that no trusted row has. */
  readonly label: number;
  /** Log odds of the given label against `other`. */
  readonly margin: number;
  readonly other: number;
  /** 0..1, how unlike trusted rows. */
  readonly oddness: number;
}

/** In steps: few distinct values make exact tests quick. */
const MARGIN_STEP = 0.8;

export class Rows {
  readonly random: () => number;

  constructor(seed: string) {
    this.random = seededRandom(seed);
  }

  /** A sound row; the model errs on one in fifteen. */
  sound(source: string | null = null): BatchRow {
    const u = this.random();
    const label = u < SHARES[0]! ? 0 : u < SHARES[0]! + SHARES[1]! ? 1 : 2;
    const margin = MARGIN_STEP * Math.round((2.4 + 1.6 * standardNormal(this.random)) / MARGIN_STEP) + 0.1;
    const other = (label + (this.random() < 0.5 ? 1 : 2)) % 3;
    return { source, label, margin, other, oddness: this.random() * 0.9 };
  }

  /** A row whose label was changed: to `given`, or any other. */
  flipped(source: string | null = null, given?: number): BatchRow {
    const row = this.sound(source);
    const truth = given === row.label ? (row.label + 1) % 3 : row.label;
    const label = given ?? (truth + (this.random() < 0.5 ? 1 : 2)) % 3;
    return { ...row, label, margin: -row.margin, other: truth };
  }

  /** A row labelled a that is b. */
  confused(given: number, truth: number, source: string | null = null): BatchRow {
    const row = this.sound(source);
    return { ...row, label: given, margin: -Math.abs(row.margin), other: truth };
  }

  odd(source: string | null = null): BatchRow {
    return { ...this.sound(source), oddness: 0.95 + 0.05 * this.random() };
  }

  many(count: number, draw: (row: number) => BatchRow = () => this.sound()): BatchRow[] {
    return Array.from({ length: count }, (_, row) => draw(row));
  }
}

function flipRow({ label, margin, other }: BatchRow): Row {
  const odds = Math.min(1e4, Math.exp(-margin));
  const logRatio = Math.log(0.95 + (0.05 * odds) / 2);
  return { label, score: 1 / (1 + Math.exp(margin)), logRatio, called: margin < 0 ? other : label };
}

const outlierRow = ({ label, oddness }: BatchRow): Row => ({ label, score: oddness });

/** How much a row's log ratio rises when its label is changed. */
function effectOf(trusted: readonly BatchRow[]): Effect {
  const rise = (row: BatchRow) => flipRow({ ...row, margin: -row.margin }).logRatio! - flipRow(row).logRatio!;
  const overall = trusted.reduce((sum, row) => sum + rise(row), 0) / trusted.length;
  return { overall, byClass: Float64Array.of(overall, overall, overall) };
}

export function baselineOf(trusted: readonly BatchRow[], rest: Partial<Baseline> = {}): Baseline {
  const detectors: FittedDetector[] = [
    detectorOf('label-flip', FLIPS, [calibrateOn(trusted.map(flipRow), FLIPS)], { effect: effectOf(trusted) }),
    detectorOf('outlier', OUTLIERS, [calibrateOn(trusted.map(outlierRow), OUTLIERS)]),
  ];
  return {
    columns: [],
    classes: CLASSES,
    encoder: {} as Baseline['encoder'],
    given: null,
    models: [],
    signer: { columns: [], banding: null },
    signed: {
      signatures: { perRow: 1, values: Float64Array.from(trusted.keys()) },
      labels: Int32Array.from(trusted, ({ label }) => label),
    },
    detectors,
    map: null,
    exemplars: null,
    items: null,
    spectral: null,
    covariates: null,
    rows: trusted.length,
    distinctRows: trusted.length,
    blocks: 1,
    sha256: 'b'.repeat(64),
    notes: [],
    ...rest,
  };
}

export function assessmentOf(
  path: string,
  rows: readonly BatchRow[],
  baseline: Baseline,
  rest: Partial<ShardAssessment> = {},
): ShardAssessment {
  const sources = [...new Set(rows.map(({ source }) => source).filter((source) => source !== null))];
  const indexOf = (source: string | null) => (source === null ? -1 : sources.indexOf(source));
  const present = [...new Set(rows.map(({ source }) => source))];
  return {
    path,
    sha256: Buffer.from(path).toString('hex').padEnd(64, '0'),
    rows: rows.length,
    faults: [],
    isJudged: true,
    sources,
    tallies: present.map((source) => {
      const own = rows.filter((row) => row.source === source);
      const perDetector = baseline.detectors.map((fitted) =>
        tallyOf(seenBy(fitted, own), fitted.kind === 'outlier' ? OUTLIERS : FLIPS, fitted.calibrations),
      );
      return { source: indexOf(source), rows: own.length, perDetector };
    }),
    columns: [],
    unusedColumns: [],
    ...rest,
  };
}

const seenBy = ({ kind }: FittedDetector, rows: readonly BatchRow[]) =>
  rows.map(kind === 'outlier' ? outlierRow : flipRow);

/** A shard of which nothing can be judged. */
export function unreadable(path: string): ShardAssessment {
  return {
    path,
    sha256: 'f'.repeat(64),
    rows: null,
    faults: [{ kind: 'integrity', summary: 'the file ends too early', numbers: {}, holds: true }],
    isJudged: false,
    sources: [],
    tallies: [],
    columns: [],
    unusedColumns: [],
  };
}
