import type { Table, Vector } from 'apache-arrow';
import {
  addRow,
  calibrate,
  type Detector,
  emptyTally,
  type Fitted,
  type RowEvidence,
  type Strata,
  type TrustedRows,
} from '../detect/index.js';
import { type ColumnRole, readStrings, selectCharacters } from '../encode/index.js';
import { selectRows } from '../linear/index.js';
import { groupCopies } from './copies.js';
import type { HeldOutBlock } from './types.js';

/** Parts of the trusted rows that were collected together. */
export interface Blocks {
  readonly count: number;
  /** Row → block. */
  readonly blockOf: Int32Array;
  /** Row → fold: the rows held out together, a block or several where there are many. */
  readonly foldOf: Int32Array;
  readonly folds: number;
  /** True when a group column says what belongs together: then no row is scored by a model that saw its group. */
  readonly isGroup: boolean;
  /** True with five blocks or more: the spread between batches can be estimated. */
  readonly areEnough: boolean;
}

/** Fewer trusted blocks say too little of how much batches differ. */
export const MIN_BLOCKS = 5;
/** Blocks are held out one by one up to here, then in so many folds. */
const MAX_FOLDS = 10;
/** So many blocks tell the spread between them well enough. */
const MAX_COMPARED_BLOCKS = 100;

/** Blocks by the group column, else by file. */
export function findBlocks(
  { table, fileOf }: { table: Table; fileOf: Int32Array },
  columns: readonly ColumnRole[],
): Blocks {
  const group = columns.find(({ role }) => role === 'group');
  const names =
    group === undefined ? Array.from(fileOf, String) : readStrings(table.getChild(group.name) as Vector).map(String);
  const order = new Map([...new Set(names)].sort().map((name, index) => [name, index]));
  const folds = Math.min(MAX_FOLDS, order.size);
  return {
    count: order.size,
    blockOf: Int32Array.from(names, (name) => order.get(name) as number),
    foldOf: Int32Array.from(names, (name) => (order.get(name) as number) % folds),
    folds,
    isGroup: group !== undefined && order.size > 1,
    areEnough: order.size >= MIN_BLOCKS,
  };
}

interface HoldOut {
  readonly detector: Detector<unknown>;
  readonly fitted: Fitted<unknown>;
  readonly rows: TrustedRows;
  readonly distinct: Int32Array;
  readonly strata: Strata;
  readonly blocks: Blocks;
}

/** Scores each fold by a fit without it and without copies of its rows; undefined where nothing needs it. */
export function holdOutBlocks(holdOut: HoldOut): { evidence: RowEvidence; blocks: HeldOutBlock[] } | undefined {
  const { detector, fitted, rows, blocks } = holdOut;
  if (!blocks.areEnough && !blocks.isGroup) return undefined;
  const evidence = emptyEvidence(fitted.evidence, rows.rows);
  for (let fold = 0; fold < blocks.folds; fold++) {
    const { held, rest } = splitFold(rows, blocks, fold);
    // Blocks that hold the same rows are one another's copies: without them nothing is left to fit on.
    if (rest.length === 0) return undefined;
    const model = detector.refit(selectTrusted(rows, rest), fitted.model);
    copyEvidence(evidence, held, detector.evaluate(model, selectTrusted(rows, held)));
  }
  return { evidence, blocks: blocks.areEnough ? tallyBlocks(holdOut, evidence) : [] };
}

function splitFold(rows: TrustedRows, blocks: Blocks, fold: number): { held: Int32Array; rest: Int32Array } {
  const groups = new Set<number>();
  const held: number[] = [];
  blocks.foldOf.forEach((own, row) => {
    if (own !== fold) return;
    held.push(row);
    groups.add(rows.copies.groupOf[row] as number);
  });
  const rest: number[] = [];
  rows.copies.groupOf.forEach((group, row) => {
    if (!groups.has(group)) rest.push(row);
  });
  return { held: Int32Array.from(held), rest: Int32Array.from(rest) };
}

function selectTrusted(rows: TrustedRows, chosen: Int32Array): TrustedRows {
  const digests = Float64Array.from(chosen, (row) => rows.digests[row] as number);
  return {
    rows: chosen.length,
    features: selectRows(rows.features, chosen),
    denseDims: rows.denseDims,
    dense: rows.dense && selectRows(rows.dense, chosen),
    texts: rows.texts === null ? null : selectSparse(rows.texts, chosen),
    characters: rows.characters && selectCharacters(rows.characters, chosen),
    labels: Int32Array.from(chosen, (row) => rows.labels[row] as number),
    ...(rows.givenScores && { givenScores: selectRows(rows.givenScores, chosen) }),
    classes: rows.classes,
    copies: groupCopies(digests).copies,
    digests,
  };
}

function selectSparse(texts: NonNullable<TrustedRows['texts']>, chosen: Int32Array): NonNullable<TrustedRows['texts']> {
  const starts = new Int32Array(chosen.length + 1);
  chosen.forEach((row, i) => {
    starts[i + 1] = (starts[i] as number) + (texts.starts[row + 1] as number) - (texts.starts[row] as number);
  });
  const indices = new Int32Array(starts[chosen.length] as number);
  const values = new Float32Array(indices.length);
  chosen.forEach((row, i) => {
    const from = texts.starts[row] as number;
    const to = texts.starts[row + 1] as number;
    indices.set(texts.indices.subarray(from, to), starts[i]);
    values.set(texts.values.subarray(from, to), starts[i]);
  });
  return { rows: chosen.length, starts, indices, values };
}

function emptyEvidence(like: RowEvidence, rows: number): RowEvidence {
  return {
    anomalyScore: new Float64Array(rows).fill(Number.NaN),
    ...(like.logRatio === undefined ? {} : { logRatio: new Float64Array(rows).fill(Number.NaN) }),
    ...(like.calledClass === undefined ? {} : { calledClass: new Int32Array(rows).fill(-1) }),
  };
}

function copyEvidence(into: RowEvidence, rows: Int32Array, from: RowEvidence): void {
  rows.forEach((row, i) => {
    into.anomalyScore[row] = from.anomalyScore[i] as number;
    if (into.logRatio !== undefined) into.logRatio[row] = from.logRatio?.[i] ?? Number.NaN;
    if (into.calledClass !== undefined) into.calledClass[row] = from.calledClass?.[i] ?? -1;
  });
}

/** Each block's distinct rows as if they were a batch, against the trusted rows of other blocks. */
function tallyBlocks({ fitted, rows, distinct, strata, blocks }: HoldOut, heldOut: RowEvidence): HeldOutBlock[] {
  const reference = blocks.isGroup ? heldOut : fitted.evidence;
  const compared = Math.min(blocks.count, MAX_COMPARED_BLOCKS);
  return Array.from({ length: compared }, (_, index) => {
    const block = Math.floor((index * blocks.count) / compared);
    const others = distinct.filter((row) => blocks.blockOf[row] !== block);
    const full = calibrate(reference, rows.labels, rows.classes, strata, others);
    // Tests need the sums only; the scores themselves would weigh as much as all trusted rows, once a block.
    const calibration = { ...full, scores: [] };
    const tally = emptyTally(strata, [calibration]);
    for (const row of distinct) {
      if (blocks.blockOf[row] === block) {
        addRow(tally, row, heldOut, rows.labels, { strata, classes: rows.classes, calibrations: [calibration] });
      }
    }
    return { tally, calibration };
  });
}
