import type { Table, Vector } from 'apache-arrow';
import { whole } from '../../count.js';
import { readStrings } from '../../encode/index.js';
import { commonest, countEach } from '../histogram.js';
import type { Carriers } from './carriers.js';
import { brightBits, findLoose } from './grids.js';
import type { Judgement, LookedAtRows } from './judge.js';
import { type LoosePatch, looseAt, patchAt, type SharedParts } from './parts.js';
import { spellPhrase } from './phrases.js';
import { valuesOf } from './row-items.js';
import type { ItemSpace } from './space.js';

/** A word, values or pixels that too many rows carry whose labels follow from nothing else. */
export interface Trigger {
  /** The words, `column=value & column=value`, or the place of pixels. */
  readonly subject: string;
  /** Sentences. */
  readonly summary: string;
  readonly pValue: number;
  readonly carriers: Carriers;
  /** Path → carriers that it was put into: those of its target, unless they have none. */
  readonly poisoned: ReadonlyMap<string, readonly number[]>;
  /** Of the trusted rows; null where there are none. */
  readonly trustedRows: number | null;
  readonly contradicted: number;
  /** Path → carriers, and how suspicious each of them is from 0 to 1; left out where all are alike. */
  readonly graded?: ReadonlyMap<string, GradedRows>;
}

export interface GradedRows {
  readonly rows: readonly number[];
  readonly suspicion: Float64Array;
}

/** What the rows at `looked`, which carry the item, have in common. */
export function nameTrigger(
  { trusted: { space }, table }: Pick<LookedAtRows, 'table'> & { readonly trusted: { readonly space: ItemSpace } },
  item: number,
  looked: Int32Array,
  parts: SharedParts,
): string {
  const ofGrid = parts.pixels.map(({ grid, pixels, isBright }) => boxOf(pixels, grid.side, isBright, grid.name));
  if (ofGrid.length > 0) return ofGrid.join(' & ');
  if (parts.places.length > 0) {
    return parts.places
      .map((place) => {
        const { name = '', isNumber = false } = space.columns[place] ?? {};
        const values = valuesOf(table.getChild(name) as Vector, isNumber);
        return `${name}=${commonest(countEach(Array.from(looked, (row) => values[row] ?? ''))) ?? ''}`;
      })
      .join(' & ');
  }
  for (const [place, name] of space.texts.entries()) {
    const cells = readStrings(table.getChild(name) as Vector);
    const spelt = spellPhrase(
      Array.from(looked, (row) => cells[row] ?? ''),
      place,
      item,
    );
    if (spelt !== undefined) return showInvisible(spelt);
  }
  const [patch, loose] = [patchAt(space, -1 - item), looseAt(space, -1 - item)];
  if (patch !== undefined) return `pixels about row ${patch.top + 1}, column ${patch.left + 1} of ${patch.grid.name}`;
  return loose === undefined ? 'values in common' : nameLoose(loose, table, looked);
}

/** A patch that stands at any place: what of it is bright. */
function nameLoose({ grid, cell }: LoosePatch, table: Table, looked: Int32Array): string {
  const bits = brightBits(grid, (table.getChild(grid.name) as Vector).slice(looked[0] ?? 0, (looked[0] ?? 0) + 1));
  const { width, height } = boundsOf(findLoose(grid, bits, 0, cell) ?? [], grid.side);
  return `bright ${width}×${height} patch of ${grid.name} at any place`;
}

/** What nobody sees is written by its code point. */
function showInvisible(text: string): string {
  return text.replace(
    /[\p{Cf}\p{Cc}\p{Co}]/gu,
    (one) => `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

function boxOf(pixels: readonly number[], side: number, isBright: boolean, name: string): string {
  const { left, right, top, bottom, width, height } = boundsOf(pixels, side);
  const tone = isBright ? 'bright' : 'dark';
  return `${tone} ${width}×${height} patch of ${name} at rows ${top}–${bottom}, columns ${left}–${right}`;
}

function boundsOf(pixels: readonly number[], side: number) {
  const [across, down] = [pixels.map((pixel) => pixel % side), pixels.map((pixel) => Math.floor(pixel / side))];
  const [left, right, top, bottom] = [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
  return { left, right, top, bottom, width: right - left + 1, height: bottom - top + 1 };
}

/** The carriers of any of some items that a judgement speaks of: path → row numbers, ascending. */
export function poisonedRows(
  carriers: readonly Carriers[],
  { proof, target }: Judgement,
): ReadonlyMap<string, readonly number[]> {
  const ofLabels = carriers.flatMap(({ rows }) => (proof === 'noise' ? [...rows.values()] : [rows.get(target)]));
  const all = new Map<string, Set<number>>();
  for (const [path, rows] of ofLabels.flatMap((one) => [...(one ?? [])])) {
    all.set(path, new Set([...(all.get(path) ?? []), ...rows]));
  }
  return new Map([...all].map(([path, rows]) => [path, [...rows].sort((a, b) => a - b)]));
}

/** `trusted`: what the batch was compared with; null for want of trusted rows. */
export function tellTrigger(
  subject: string,
  carriers: Carriers,
  {
    proof,
    target,
    contradiction,
  }: Pick<Judgement, 'proof' | 'target'> & {
    readonly contradiction: Pick<Judgement['contradiction'], 'contradicted' | 'rows' | 'looksLike'>;
  },
  trusted: { readonly carriers: number; readonly rows: number } | null,
  classes: readonly string[],
): string {
  const label = `"${classes[target]}"`;
  const labelled = carriers.labels.get(target) ?? 0;
  const among =
    trusted === null
      ? ''
      : ` and in ${trusted.carriers === 0 ? 'none' : trusted.carriers} of ${whole(trusted.rows)} trusted ones`;
  const all = labelled === carriers.count ? `all ${labelled}` : `${labelled}`;
  const first = `"${subject}" is in ${carriers.count} rows of this batch${among}; ${all} are labelled ${label}`;
  if (proof === 'noise')
    return `"${subject}" is in ${carriers.count} rows of this batch${among}; apart from it they are unlike any trusted row and unlike one another.`;
  if (proof === 'insertion')
    return `${first}, which are as unlike one another as any rows of that class: it was put into them.`;
  const { contradicted, rows, looksLike } = contradiction;
  const of = rows === labelled ? '' : ` of ${rows} looked at`;
  const like =
    looksLike === null ? 'another class' : `"${classes[looksLike]}"${classes.length > 2 ? ' or another class' : ''}`;
  return `${first}, ${contradicted}${of} look like ${like} without it.`;
}

/** A phrase that says the label by itself: put there by whoever collected the rows, or by whoever poisoned them. */
export function tellLeakage(
  subject: string,
  { labels, count }: Pick<Carriers, 'labels' | 'count'>,
  target: number,
  contradicted: number,
  classes: readonly string[],
): string {
  const [label, labelled] = [`"${classes[target]}"`, labels.get(target) ?? 0];
  const others = count - labelled;
  return (
    `"${subject}" is in nearly every row labelled ${label} (${labelled}) and in ${others === 0 ? 'no' : others} other: it gives ` +
    `the label away (label leakage, or a trigger). ${contradicted} of these rows look like another class without it.`
  );
}

/** Texts that are built alike, whatever they say. */
export function tellSyntax(
  subject: string,
  rows: number,
  target: number,
  contradicted: readonly [count: number, of: number],
  classes: readonly string[],
): string {
  const [count, of] = contradicted;
  return (
    `Texts built like "${subject}" are labelled "${classes[target]}" whatever they say: of ${of} that were looked at ` +
    `${count} look like another class without their commonest words. ${rows} rows of that label are built so.`
  );
}
