import { nameTrigger } from '../trigger/describe.js';
import { groupItems } from '../trigger/families.js';
import { neutralRows } from '../trigger/neutral.js';
import { looseAt, type Patch, patchAt, pixelsOf, type SharedParts, sharedParts } from '../trigger/parts.js';
import { readItems, readValues } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import type { DistinctRows, ItemSort, Suspect, WeighedItem } from './contract.js';
import { sharedCarriers } from './pure-items.js';
import { findSyntax } from './syntax.js';
import { weighItems } from './weigh-items.js';

/** What was looked for in a batch that judges itself, and found. Plain data. */
export interface Suspects {
  /** Null where nothing was found, and no row has to be looked at for it. */
  readonly space: ItemSpace | null;
  /** Least p-value first. */
  readonly items: readonly Suspect[];
}

/** Below it labels contradict: natural words have bounds of .77 and more, natural values and patches of .80. */
const BOUNDS: Readonly<Record<ItemSort, number>> = { text: 0.75, patch: 0.7 };
/**
 * Where labels hardly follow from anything that the models see, none contradicts it: sst2 has .76 and more, mnist and
 * notmnist .91. Parts of shapes that may be anywhere are pure and telling where a linear model of pixels has .79.
 */
const LEAST_USUAL: Readonly<Record<ItemSort, number>> = { text: 0.75, patch: 0.9 };
/** Below what is usual, whatever that is. */
const LEAST_DROP = 0.1;
const MOST_P_VALUE = 0.01;
/** Of labels drawn by the classes' shares, for a word that stands by itself: most rare words have one label by chance. */
const MOST_CHANCE = 1e-3;
/** Where a class has a trigger, a word that all carriers have the label with: the fifth of five that were put in by turns. */
const BESIDE = { bound: 0.8, mostPValue: 5e-3 };
/** Of the carriers of a patch: true ones have .9 and more, strange digits .7 and less. */
const LEAST_BELIED = 0.75;
const MOST_SUSPECTS = 256;
/** Rows to compare carriers with. */
const MOST_OTHERS = 2000;

/** Looks for triggers whose target rows contradict: purely by what the rows of the batch say of one another. */
export function findSuspects(rows: DistinctRows, space: ItemSpace): Suspects {
  const weighed = weighItems(rows, space);
  const first = weighed.filter(({ chance }) => chance <= MOST_CHANCE);
  const alone = payFor(first).filter(isSuspect);
  const targets = new Set(alone.map(({ target }) => target));
  const second = weighed.filter((one) => one.chance > MOST_CHANCE && targets.has(one.target));
  const found = [...alone, ...second.filter(isBeside).map((one) => ({ ...one, isBeside: true }))]
    .sort((a, b) => a.pValue - b.pValue || b.own.length - a.own.length || a.item - b.item)
    .slice(0, MOST_SUSPECTS);
  const items = found.length === 0 ? [] : describe(rows, space, found);
  return { space: items.length === 0 ? null : space, items };
}

/** The same, and whether the way in which texts are built contradicts what they say. */
export function findAllSuspects(rows: DistinctRows, space: ItemSpace): Suspects {
  const found = findSuspects(rows, space);
  // What gives a label away leaves nothing for the rest of a text to tell of it.
  if (found.items.some(({ leak }) => leak !== undefined)) return found;
  const { common, suspects } = findSyntax(rows, space);
  const told = suspects.filter(({ pValue }) => pValue <= MOST_P_VALUE);
  return told.length === 0 ? found : { space: { ...space, common }, items: [...found.items, ...told] };
}

function payFor(items: readonly WeighedItem[]): WeighedItem[] {
  return items.map((one) => ({ ...one, pValue: Math.min(1, one.pValue * items.length) }));
}

function isSuspect(one: WeighedItem): boolean {
  return (
    one.pValue <= MOST_P_VALUE &&
    (one.leak !== undefined || isContradicted(one, Math.min(BOUNDS[one.sort], one.usual - LEAST_DROP)))
  );
}

function isBeside(one: WeighedItem): boolean {
  const isPure = one.own.length === one.carriers.length;
  return isPure && one.pValue <= BESIDE.mostPValue && isContradicted(one, BESIDE.bound);
}

function isContradicted({ sort, bound, usual }: WeighedItem, below: number): boolean {
  return usual >= LEAST_USUAL[sort] && bound < below;
}

type FoundItem = WeighedItem & { readonly isBeside?: boolean };

/** Of items that the same rows carry, the most telling one, where a better model contradicts as well. */
function describe(rows: DistinctRows, space: ItemSpace, found: readonly FoundItem[]): Suspect[] {
  const groups = groupItems(
    found.map(({ carriers }) => carriers.length),
    sharedCarriers(found),
  );
  const { table } = rows;
  const items = readItems({ ...space, texts: [] }, table);
  const values = readValues(space, table);
  const carried = new Set(found.flatMap(({ carriers }) => [...carriers]));
  const others = Int32Array.from(
    [...Array(table.numRows).keys()].filter((row) => !carried.has(row)).slice(0, MOST_OTHERS),
  );
  return groups.flatMap(({ leader }) => {
    const {
      item,
      target,
      carriers,
      own,
      pValue,
      rows: count,
      contradicted,
      sort,
      leak,
      isBeside = false,
    } = found[leader] as FoundItem;
    const parts =
      sort === 'text' ? { places: [], pixels: [] } : sharedParts(space, { items, values }, carriers, others);
    if (sort === 'patch' && !isBelied(rows, space, { item, own, target, parts, others })) return [];
    const subject = nameTrigger({ trusted: { space }, table }, item, carriers, parts);
    return [{ item, target, subject, pValue, isBeside, rows: count, contradicted, ...(leak && { leak }) }];
  });
}

interface PatchedRows {
  readonly item: number;
  /** Carriers of class `target`. */
  readonly own: Int32Array;
  readonly target: number;
  readonly parts: SharedParts;
  readonly others: Int32Array;
}

/**
 * Do most carriers look like another class without the patch to a model of more than single pixels? To one of pixels a
 * way to write a class that few rows have looks like another as well.
 */
function isBelied(
  { table, labels, digests, call }: DistinctRows,
  space: ItemSpace,
  { item, own, target, parts, others }: PatchedRows,
): boolean {
  if (call === undefined) return true;
  const pixels = withPatch(parts.pixels, patchAt(space, -1 - item));
  // What rows of their class have there makes none of them less of it.
  const alike = others.filter((row) => labels[row] === target);
  if (alike.length === 0) return true;
  const donors = own.map((_, at) => alike[at % alike.length] as number);
  const loose = looseAt(space, -1 - item);
  const bare = neutralRows(space, table, { places: parts.places, pixels, grams: new Set(), loose }, own, donors);
  const called = call(
    bare,
    Float64Array.from(own, (row) => digests[row] as number),
  );
  return called.filter((one) => one !== target).length >= LEAST_BELIED * own.length;
}

/** What carriers have in common and, however common each of its pixels is by itself, the patch that they carry. */
function withPatch(shared: SharedParts['pixels'], patch: Patch | undefined): SharedParts['pixels'] {
  if (patch === undefined) return shared;
  const { grid } = patch;
  const own = shared.find((one) => one.grid.name === grid.name);
  const all = [...new Set([...(own?.pixels ?? []), ...pixelsOf(patch)])].sort((a, b) => a - b);
  return [...shared.filter((one) => one !== own), { grid, pixels: all, isBright: own?.isBright ?? true }];
}
