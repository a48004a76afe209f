import { type DetectorRows, type ShardAssessment, type ShardRows, suspicionOf, TIE_BREAK } from '../assess/index.js';
import type { Decided, RowFilter, Selection } from '../decide/index.js';
import { carriedItems, rankPValue } from '../detect/index.js';
import type { ShardMarks } from './types.js';

const OUTSIDE_FACTOR = 0.5;
/** Puts the oddest rows behind the tenth whose labels are the most doubtful, and before all others. */
const AFTER_LABELS_FACTOR = 0.9;
/** So many: each of more would stand before rows whose labels are doubtful, for being rare and no more. */
const ODDEST_SHARE = 0.02;
/** Of sound rows among suspect ones beyond the estimate. */
const SOUND_SHARE = 0.03;
const NO_CLASSES = new Int32Array(0);

/** A decided batch whose rows wait to be marked. */
export interface DecidedBatch {
  readonly assessments: readonly ShardAssessment[];
  readonly decided: Pick<Decided, 'selections' | 'withheld'>;
  readonly classes: readonly string[];
  readonly rowsOf: (shard: ShardAssessment) => Promise<ShardRows>;
  /** Detector → trusted scores of all classes, ascending, where rows have p-values among those of their own class. */
  readonly acrossClasses?: ReadonlyMap<string, Float64Array>;
}

/** A shard with its rows. */
interface Shard extends ShardRows {
  readonly path: string;
  readonly rows: number;
  readonly sources: readonly string[];
}

type OpenMarks = ShardMarks & { readonly reason: (string | null)[] };

/**
 * Marks every row of every readable shard, in path order: how suspicious, suspect or not, withheld or not, and why.
 * One shard is in memory at a time.
 */
export async function* markRows(batch: DecidedBatch): AsyncGenerator<ShardMarks, undefined> {
  const { selections, withheld } = batch.decided;
  const readable = batch.assessments.filter(({ rows }) => rows !== null).sort((a, b) => (a.path < b.path ? -1 : 1));
  const kinds = new Set(selections.filter(({ where }) => !isOfItem(where)).map(({ kind }) => kind));
  const suspects = await findSuspects(readable, batch);
  for (const [index, assessment] of readable.entries()) {
    const shard = await readShard(assessment, batch);
    const marks = startMarks(shard, kinds, batch);
    for (const suspect of suspects.get(index) ?? []) markSuspect(shard, marks, suspect, batch.classes);
    for (const { finding, where } of withheld) withholdRows(shard, marks, where, finding);
    yield marks;
  }
}

async function readShard({ path, rows, sources, ...rest }: ShardAssessment, { rowsOf }: DecidedBatch): Promise<Shard> {
  const own = await rowsOf({ path, rows, sources, ...rest });
  return { ...own, path, rows: rows ?? 0, sources };
}

function startMarks(
  shard: Shard,
  kinds: ReadonlySet<string>,
  { decided: { selections }, acrossClasses }: DecidedBatch,
): OpenMarks {
  const { rows } = shard;
  const counted = shard.detectors.filter(({ kind }) => kinds.size === 0 || kinds.has(kind));
  const across = counted.map((detector) => {
    const trusted = acrossClasses?.get(detector.kind);
    return trusted === undefined ? detector : rankedAcross(detector, trusted);
  });
  const within = across.map((ranked, at) => (isByClass(selections, ranked.kind) ? (counted[at] ?? ranked) : ranked));
  const isInside = scopeTest(shard, selections);
  const found = new Set(selections.flatMap(({ where: { classes = [] } }) => [...classes]));
  const isOfFound = (row: number) => found.has(shard.labels[row] as number);
  const worth = kinds.size === 0 ? labelsFirst(across) : suspicionOf;
  const worst = (ranked: readonly DetectorRows[], row: number) =>
    ranked.reduce((most, one) => Math.max(most, worth(one, row)), 0);
  const suspicion = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    if (isInside(row)) suspicion[row] = worst(within, row);
    else suspicion[row] = OUTSIDE_FACTOR * Math.max(worst(across, row), isOfFound(row) ? worst(counted, row) : 0);
  }
  for (const { graded } of selections) {
    const own = graded?.get(shard.path);
    own?.rows.forEach((row, at) => {
      suspicion[row] = own.suspicion[at] as number;
    });
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
    labels: shard.labels,
    called: calledIn(shard),
    places: shard.places,
  };
}

/** Is all that was found of the kind about rows of some class? There they are compared with trusted rows of their own. */
function isByClass(selections: readonly Selection[], of: string): boolean {
  const own = selections.filter(({ kind, where }) => kind === of && !isOfItem(where));
  return own.length > 0 && own.every(({ where }) => where.classes !== undefined);
}

/**
 * A row's p-value among trusted rows of every class: its own has too few to tell the worst apart (5 % flips in 77 classes:
 * .76 of them among .5 % of sound rows instead of .40).
 */
function rankAcross({ pValue, anomalyScore }: DetectorRows, trusted: Float64Array, row: number): number {
  return Number.isNaN(pValue[row]) ? Number.NaN : rankPValue(trusted, anomalyScore[row] as number);
}

/** Rows with these in the place of their p-values. */
function rankedAcross(detector: DetectorRows, trusted: Float64Array): DetectorRows {
  return { ...detector, pValue: detector.pValue.map((_, row) => rankAcross(detector, trusted, row)) };
}

/**
 * Every detector finds its share of rows the worst, whether or not there is poison of its kind: where labels are judged and
 * nothing was found they count first, or half of the rows on top are merely rare ones (5 % flips in adult without trusted
 * rows: average precision .32 instead of .57).
 */
function labelsFirst(counted: readonly DetectorRows[]): typeof suspicionOf {
  const ofLabels = counted.filter(({ calledClass }) => calledClass.length > 0);
  const isJudged = (row: number) => ofLabels.some(({ pValue }) => !Number.isNaN(pValue[row]));
  if (!ofLabels.some(({ pValue }) => pValue.some((p) => !Number.isNaN(p)))) return suspicionOf;
  return (detector, row) => {
    if (ofLabels.includes(detector)) return suspicionOf(detector, row);
    const counts = (detector.pValue[row] as number) <= ODDEST_SHARE || !isJudged(row);
    return counts ? AFTER_LABELS_FACTOR * suspicionOf(detector, row) : 0;
  };
}

/** Is a row in the scope of any finding? Items have no scope beyond their carriers. */
function scopeTest(shard: Shard, selections: readonly Selection[]): (row: number) => boolean {
  if (selections.length === 0) return () => true;
  const scopes = selections.map(({ where }) => where).filter((where) => !isOfItem(where) && admitsShard(where, shard));
  return (row) => scopes.some((where) => admitsSource(where, shard, row) && isOfClasses(where, shard, row));
}

/** What the first detector that classifies takes each row for. */
function calledIn({ detectors }: Pick<Shard, 'detectors'>): Int32Array {
  return detectors.find(({ calledClass }) => calledClass.length > 0)?.calledClass ?? NO_CLASSES;
}

function admitsShard({ shards, notShards }: RowFilter, { path }: Pick<Shard, 'path'>): boolean {
  return (shards?.has(path) ?? true) && !(notShards?.has(path) ?? false);
}

function admitsSource({ sources, notSources }: RowFilter, shard: Shard, row: number): boolean {
  // Most filters say nothing of sources, and every row passes here.
  if (sources === undefined && (notSources?.size ?? 0) === 0) return true;
  const source = shard.sources[shard.sourceOf[row] as number];
  if (source === undefined) return sources === undefined;
  return (sources?.has(source) ?? true) && !(notSources?.has(source) ?? false);
}

function admitsClass(where: RowFilter, shard: Shard, row: number): boolean {
  return isOfClasses(where, shard, row) && (where.called === undefined || where.called === calledIn(shard)[row]);
}

function isOfClasses({ classes }: RowFilter, { labels }: Shard, row: number): boolean {
  return classes?.has(labels[row] as number) ?? true;
}

/** Carriers of an item have no scope and no score of their own. */
function isOfItem({ carries, rows }: RowFilter): boolean {
  return carries !== undefined || rows !== undefined;
}

function admitsCarriers({ carries, rows }: RowFilter, { path, signatures }: Shard, row: number): boolean {
  const isCarrier = carries === undefined || carriedItems(carries, signatures, row).length > 0;
  return isCarrier && (rows === undefined || rows.get(path)?.has(row) === true);
}

/** The rows of a shard that a filter admits. */
function* admittedRows(where: RowFilter, shard: Shard): Generator<number> {
  if (!admitsShard(where, shard)) return;
  for (let row = 0; row < shard.rows; row++) {
    const isAdmitted = admitsSource(where, shard, row) && admitsClass(where, shard, row);
    if (isAdmitted && admitsCarriers(where, shard, row)) yield row;
  }
}

/** A row that a selection points at. */
interface Suspect {
  /** Index of the shard. */
  readonly shard: number;
  readonly row: number;
  readonly pValue: number;
  /** Its p-value among the rows that it is compared with for this selection. */
  readonly rank: number;
  readonly score: number;
  readonly selection: Selection;
}

/** Shard → its rows among the worst of each selection, in the order of the selections. */
async function findSuspects(
  readable: readonly ShardAssessment[],
  batch: DecidedBatch,
): Promise<ReadonlyMap<number, Suspect[]>> {
  const { selections } = batch.decided;
  const worst = selections.map((): Suspect[] => []);
  const admitted = selections.map(() => 0);
  for (const [index, assessment] of readable.entries()) {
    if (!selections.some(({ where }) => admitsShard(where, assessment))) continue;
    const shard = await readShard(assessment, batch);
    selections.forEach((selection, s) => {
      const own = [...candidates(shard, index, selection, batch.acrossClasses)];
      admitted[s] = (admitted[s] ?? 0) + own.length;
      worst[s] = worstOf([...(worst[s] ?? []), ...own], Math.max(selection.rows, selection.most ?? 0));
    });
  }
  const byShard = new Map<number, Suspect[]>();
  const chosen = worst.map((own, s) => own.slice(0, countOf(selections[s] as Selection, own, admitted[s] ?? 0)));
  for (const suspect of chosen.flat()) {
    const own = byShard.get(suspect.shard);
    if (own === undefined) byShard.set(suspect.shard, [suspect]);
    else own.push(suspect);
  }
  return byShard;
}

function* candidates(
  shard: Shard,
  index: number,
  selection: Selection,
  acrossClasses: DecidedBatch['acrossClasses'],
): Generator<Suspect> {
  if (isOfItem(selection.where)) {
    const { pValue = 0 } = selection;
    for (const row of admittedRows(selection.where, shard)) {
      yield { shard: index, row, pValue, rank: pValue, score: 1, selection };
    }
    return;
  }
  const detector = shard.detectors.find(({ kind }) => kind === selection.kind);
  if (detector === undefined) return;
  const trusted = selection.where.classes === undefined ? acrossClasses?.get(selection.kind) : undefined;
  for (const row of admittedRows(selection.where, shard)) {
    const pValue = detector.pValue[row] as number;
    if (Number.isNaN(pValue)) continue;
    const rank = trusted === undefined ? pValue : rankAcross(detector, trusted, row);
    yield { shard: index, row, pValue, rank, score: detector.anomalyScore[row] as number, selection };
  }
}

function worstOf(suspects: Suspect[], count: number): Suspect[] {
  return suspects
    .sort((a, b) => a.rank - b.rank || b.score - a.score || a.shard - b.shard || a.row - b.row)
    .slice(0, count);
}

/**
 * As many as the finding estimates, or as many more as leave few sound ones among them by their own p-values (Benjamini
 * and Hochberg's rule, for conformal p-values by Bates et al. 2023). The estimate may be low by chance; rows that lie
 * beyond nearly all trusted ones need none.
 */
function countOf({ rows, most = rows }: Selection, worst: readonly Suspect[], admitted: number): number {
  let count = rows;
  for (let next = rows + 1; next <= Math.min(most, worst.length); next++) {
    const { pValue, rank } = worst[next - 1] as Suspect;
    if (Math.max(pValue, rank) * admitted <= SOUND_SHARE * next) count = next;
  }
  return count;
}

function markSuspect(
  shard: Shard,
  marks: OpenMarks,
  { row, pValue, selection }: Suspect,
  classes: readonly string[],
): void {
  marks.suspect[row] = 1;
  if (selection.isReleased !== true) marks.withhold[row] = 1;
  if (isOfItem(selection.where) && selection.graded === undefined) marks.suspicion[row] = 1 - TIE_BREAK;
  marks.reason[row] ??=
    `${explain(shard, row, selection, classes)} (p = ${pValue.toPrecision(2)}; ${selection.finding})`;
}

function explain(
  shard: Shard,
  row: number,
  { kind, where, rows, words }: Selection,
  classes: readonly string[],
): string {
  if (words !== undefined) return words;
  if (where.carries !== undefined) return `one of ${rows} copies`;
  if (where.rows !== undefined) return `one of ${rows} prompts with the trigger`;
  const called = shard.detectors.find((one) => one.kind === kind)?.calledClass[row];
  const given = shard.labels[row] as number;
  if (called === undefined) return 'out of the ordinary';
  return called === given
    ? `label ${classes[given]} is less probable than usual`
    : `labelled ${classes[given]}, looks like ${classes[called]}`;
}

function withholdRows(shard: Shard, marks: OpenMarks, where: RowFilter, finding: string): void {
  for (const row of admittedRows(where, shard)) {
    marks.withhold[row] = 1;
    marks.reason[row] ??= `withheld by ${finding}`;
  }
}
