import type { Table, Vector } from 'apache-arrow';
import { encodeRows } from '../../encode/index.js';
import { type Matrix, seededRandom } from '../../linear/index.js';
import { countEach } from '../histogram.js';
import type { Carriers } from './carriers.js';
import { type BlindModel, type Contradiction, contradict } from './contradiction.js';
import { pairId, seedOf } from './grams.js';
import { testInsertion } from './insertion.js';
import { excessLikeness, likenessIn, likenessOf } from './likeness.js';
import { neutralRows, type TriggerParts } from './neutral.js';
import { looseAt, ownParts, sharedParts } from './parts.js';
import { type RowItems, readItems, readValues, takeIds } from './row-items.js';
import type { ItemSpace } from './space.js';
import { type TrustedItems, trustedCount } from './trusted.js';

/** What makes an item a trigger: labels that contradict all else, a place in any row of a class, or rows that are noise. */
export type Proof = 'contradiction' | 'insertion' | 'noise';

export interface Judgement {
  readonly proof: Proof;
  readonly parts: TriggerParts;
  /** Class of most carriers. */
  readonly target: number;
  readonly contradiction: Contradiction;
}

/** Rows of the batch as they are, to judge items by. */
export interface LookedAtRows {
  readonly trusted: TrustedItems;
  readonly table: Table;
  readonly items: RowItems;
  /** As readValues gives them. */
  readonly values: readonly Float64Array[];
  /** Row of the table → class. */
  readonly labels: Int32Array;
  /** Rows that carry no candidate. */
  readonly others: Int32Array;
  readonly model: BlindModel;
  /** Hashes that rows without a candidate carry. */
  readonly usual: ReadonlySet<number>;
}

export function lookAtRows(rows: Omit<LookedAtRows, 'items' | 'values' | 'usual'>): LookedAtRows {
  const items = readItems(rows.trusted.space, rows.table);
  const values = readValues(rows.trusted.space, rows.table);
  return { ...rows, items, values, usual: new Set(takeIds(items, rows.others)) };
}

/** Below it labels contradict: natural words have bounds of .77 and more, natural values and patches of .80. */
const TEXT_BOUND = 0.75;
const DENSE_BOUND = 0.7;
/** Below it the labels of any item contradict, whatever the columns that it is in. */
export function triggerBound({ columns, grids }: ItemSpace): number {
  return columns.length + grids.length > 0 ? DENSE_BOUND : TEXT_BOUND;
}

/** Rows of which a model knows nothing rank anywhere, and look like the commonest class. */
const CONTRADICTED_SHARE = 0.1;
/** A trigger has one target. */
const TARGET_SHARE = 0.8;
/** Carriers less alike than this, in standard errors, are as random rows of their class are. */
const MOST_EXCESS = 2;
/**
 * Of what words side by side come to: words at random places come to as much, of natural words that are new most to a
 * quarter and none to half (adverbs, which are not new anywhere, to three quarters).
 */
const INSERTION_SHARE = 0.5;
/** Where fewer of the words side by side are known nothing follows from that. */
const LEAST_USUAL = 0.1;
const LEAST_PLACES = 20;
/** Of the batch carriers that trusted rows let expect, for an item that only its place betrays. */
const MOST_EXPECTED = 0.1;
/** Carriers that are odd by themselves. */
const NOISE_SHARE = 0.8;
const LEAST_LOOKED_AT = 10;

/** An item that too many rows of the batch carry, and the items that the same rows carry. */
export interface ItemToJudge {
  readonly item: number;
  readonly members: readonly number[];
  readonly trustedRows: number;
  readonly carriers: Carriers;
  /** Rows of the table that carry it. */
  readonly looked: Int32Array;
}

/** Null for what is a topic, a fashion or anything else but a trigger. */
export function judgeItem(rows: LookedAtRows, one: ItemToJudge): Judgement | null {
  const { carriers, looked } = one;
  const [target, targetRows] = [...carriers.labels].sort(([a, x], [b, y]) => y - x || a - b)[0] ?? [-1, 0];
  const least = Math.min(LEAST_LOOKED_AT, carriers.count);
  if (target < 0 || looked.length < least) return null;
  const { space } = rows.trusted;
  const shared = sharedParts(space, rows, looked, rows.others);
  // What trusted rows have together as well may be what their labels follow from.
  const isJoint = shared.places.length + shared.pixels.length === 0 && isNew(rows.trusted, one);
  const parts = {
    ...(isJoint ? ownParts(space, one.item) : shared),
    grams: new Set(one.members.filter((item) => item >= 0)),
    loose: looseAt(space, -1 - one.item),
  };
  const encode = encoderWithout(rows, parts, one.item);
  const own = looked.filter((row) => rows.labels[row] === target);
  const features = encode(own);
  const strangers = encode(
    rows.others.filter((row) => (rows.labels[row] as number) >= 0 && rows.labels[row] !== target),
  );
  const contradiction = contradict(features, rows.model.weights, strangers, target);
  const said = { parts, target, contradiction };
  const isText = one.item >= 0 && parts.places.length + parts.pixels.length === 0;
  const isOneSided = own.length >= least && hasOneTarget(rows.trusted, one, target, targetRows);
  const isContradicted =
    contradiction.bound < (isText ? TEXT_BOUND : DENSE_BOUND) &&
    contradiction.contradicted >= CONTRADICTED_SHARE * own.length;
  if (isOneSided && isContradicted) return { ...said, proof: 'contradiction' };
  const isSpread = () => {
    const likeness = likenessOf(features, Int32Array.from(own.keys()));
    return excessLikeness(likeness, likenessIn(rows.trusted.likeness, target)) <= MOST_EXCESS;
  };
  // Values of a column that are new and stand beside anything are what a new form, sensor or default brings as well.
  const mayBeInserted = () => parts.places.length === 0 && (!isText || standsAnywhere(rows, parts, own));
  const isInserted = isOneSided && isNew(rows.trusted, one) && isSpread() && mayBeInserted();
  if (isInserted) return { ...said, proof: 'insertion' };
  return isText && isNoise(rows, one, encode) ? { ...said, proof: 'noise' } : null;
}

/** Carriers of any class that are odd by themselves, and no more alike than other rows of their classes are. */
function isNoise(rows: LookedAtRows, { carriers, looked }: ItemToJudge, encode: Encode): boolean {
  if (oddShare(carriers, 'outlier') < NOISE_SHARE) return false;
  const likenessAmong = (chosen: Int32Array) => likenessOf(encode(chosen), Int32Array.from(chosen.keys()));
  const usual = rowsOfClasses(rows, looked);
  return excessLikeness(likenessAmong(looked), likenessAmong(usual)) <= MOST_EXCESS;
}

/** Rows without a candidate, as many times each class as the carriers have it as there are enough for. */
function rowsOfClasses({ labels, others }: LookedAtRows, carriers: Int32Array): Int32Array {
  const wanted = countEach(Array.from(carriers, (row) => labels[row] as number));
  const there = countEach(Array.from(others, (row) => labels[row] as number));
  const times = Math.min(...[...wanted].map(([label, count]) => (there.get(label) ?? 0) / count));
  const left = new Map([...wanted].map(([label, count]) => [label, Math.floor(Math.max(1, times) * count)]));
  return others.filter((row) => {
    const label = labels[row] as number;
    const more = left.get(label) ?? 0;
    left.set(label, more - 1);
    return more > 0;
  });
}

type Encode = (chosen: Int32Array) => Matrix;

/** Features of rows without the parts: what takes the place of values and pixels comes from rows that carry no candidate. */
function encoderWithout(
  { trusted: { space }, table, others, model }: LookedAtRows,
  parts: TriggerParts,
  item: number,
): Encode {
  const random = seededRandom(`${item}`);
  return (chosen) => {
    const donors = Int32Array.from(chosen, () => others[Math.floor(random() * others.length)] as number);
    return encodeRows(model.encoder, neutralRows(space, table, parts, chosen, donors)).features;
  };
}

/** Beyond the carriers that trusted rows let expect, most are of one class. */
function hasOneTarget(
  { rows, likeness }: TrustedItems,
  { trustedRows, carriers: { batchRows, count } }: ItemToJudge,
  target: number,
  targetRows: number,
): boolean {
  const natural = (trustedRows / rows) * batchRows;
  const classShare = (likeness.rows[target] ?? 0) / likeness.rows.reduce((sum, own) => sum + own, 0);
  return targetRows - natural * classShare >= TARGET_SHARE * (count - natural);
}

/** Hardly any trusted row carries it. */
function isNew({ rows }: TrustedItems, { trustedRows, carriers: { batchRows, count } }: ItemToJudge): boolean {
  return (trustedRows / rows) * batchRows <= MOST_EXPECTED * count;
}

function standsAnywhere(
  { trusted, table, usual: known }: LookedAtRows,
  { grams }: TriggerParts,
  carriers: Int32Array,
): boolean {
  return trusted.space.texts.some((name, place) => {
    const areNeighbours = (left: string, right: string) => {
      const pair = pairId(left, right, seedOf(place));
      return known.has(pair) || trustedCount(trusted, pair) > 0;
    };
    const cells = table.getChild(name) as Vector;
    const { places, bound, usual } = testInsertion(cells, carriers, place, grams, areNeighbours);
    return places >= LEAST_PLACES && usual >= LEAST_USUAL && bound > INSERTION_SHARE * usual;
  });
}

function oddShare({ shards, count }: Carriers, kind: string): number {
  let odd = 0;
  for (const shard of shards.values()) odd += shard.odd.get(kind) ?? 0;
  return odd / Math.max(1, count);
}
