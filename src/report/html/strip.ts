import { scaleLinear } from 'd3-scale';
import { probability, whole } from '../wording.js';
import { clipPath, html, type Markup } from './markup.js';

/** One shard as the strip shows it. */
export interface StripShard {
  readonly path: string;
  readonly pValue: number | null;
  readonly isBad: boolean;
}

interface Bar {
  readonly first: string;
  readonly last: string;
  readonly shards: number;
  readonly bad: number;
  /** Of the shard that looks worst. */
  readonly pValue: number | null;
}

/** More do not stay apart on a screen. */
export const MOST_BARS = 120;
/** Beyond, differences mean nothing to a person, and one extreme shard would flatten all others. */
const MOST_DECADES = 20;
const LEAST_DECADES = 4;

const WIDTH = 480;
const LEFT = 96;
const TOP = 12;
const BOTTOM = 112;
const BAND = 12;
/** Between the columns and the row below them. */
const GAP = 13;
const HEIGHT = 158;
/** A long number of zeros says less than their count. */
const MOST_ZEROS = 4;
/** Few shards must not become a wall. */
const MOST_WIDTH = 16;
/** Of the names at both ends. */
const END_LENGTH = 20;

function toBars(shards: readonly StripShard[]): Bar[] {
  const count = Math.min(shards.length, MOST_BARS);
  return Array.from({ length: count }, (_, index) => {
    const part = shards.slice(
      Math.floor((index * shards.length) / count),
      Math.floor(((index + 1) * shards.length) / count),
    );
    const tested = part.flatMap(({ pValue }) => pValue ?? []);
    return {
      first: part[0]?.path ?? '',
      last: part.at(-1)?.path ?? '',
      shards: part.length,
      bad: part.filter(({ isBad }) => isBad).length,
      pValue: tested.length === 0 ? null : Math.min(...tested),
    };
  });
}

function decadesOf(pValue: number | null): number {
  return pValue === null ? 0 : Math.min(MOST_DECADES, -Math.log10(Math.max(pValue, 1e-300)));
}

function titleOf({ first, last, shards, bad, pValue }: Bar, fate: string): string {
  const tested = pValue === null ? 'not tested' : `p = ${probability(pValue)}`;
  if (shards === 1) return `${clipPath(first, 60)}: ${bad > 0 ? fate : 'released'}, ${tested}`;
  return `${whole(shards)} shards, ${clipPath(first, 40)} to ${clipPath(last, 40)}: ${whole(bad)} ${fate}, least ${tested}`;
}

function drawBar(bar: Bar, index: number, step: number, y: (decades: number) => number, fate: string): Markup {
  const gap = step > 6 ? 2 : 0.5;
  const width = Math.max(1, Math.min(MOST_WIDTH, step - gap));
  const x = (LEFT + (index + 0.5) * step - width / 2).toFixed(1);
  const top = Math.min(y(decadesOf(bar.pValue)), BOTTOM - 1);
  const looks = bar.bad > 0 ? 'held' : 'passed';
  return html`<g class="${looks}"><title>${titleOf(bar, fate)}</title><rect x="${x}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${(BOTTOM - top).toFixed(1)}"/><rect x="${x}" y="${BOTTOM + GAP}" width="${width.toFixed(1)}" height="${BAND}"/></g>`;
}

/** All shards at a glance, in the order of their paths: how surprising each is, and below which were held. */
export function drawStrip(shards: readonly StripShard[], fate: string): Markup {
  const bars = toBars(shards);
  const greatest = Math.max(LEAST_DECADES, ...bars.map(({ pValue }) => decadesOf(pValue)));
  const y = scaleLinear([0, greatest], [BOTTOM, TOP]);
  const ticks = y.ticks(4).filter(Number.isInteger);
  const step = (WIDTH - LEFT - 2) / bars.length;
  const bad = shards.filter(({ isBad }) => isBad).length;
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`Evidence against each of ${whole(shards.length)} shards; ${whole(bad)} ${fate}`}">
${ticks.map(
  (tick) =>
    html`<path class="axis" d="M${LEFT} ${y(tick).toFixed(1)}H${WIDTH}"/><text x="${LEFT - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tickLabel(tick)}</text>`,
)}
<text x="${LEFT - 6}" y="${BOTTOM + GAP + BAND - 2}" text-anchor="end">${fate}</text>
${bars.map((bar, index) => drawBar(bar, index, step, y, fate))}
<text x="${LEFT}" y="${HEIGHT - 6}">${clipPath(shards[0]?.path ?? '', END_LENGTH)}</text>${shards.length < 2 ? null : html`<text x="${WIDTH - 2}" y="${HEIGHT - 6}" text-anchor="end">${clipPath(shards.at(-1)?.path ?? '', END_LENGTH)}</text>`}
</svg>`;
}

function tickLabel(decades: number): string {
  if (decades === 0) return 'usual';
  if (decades > MOST_ZEROS) return `${decades === MOST_DECADES ? '≤ ' : ''}1 in 10${superscript(decades)}`;
  return `1 in ${whole(10 ** decades)}`;
}

function superscript(amount: number): string {
  return [...String(amount)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('');
}
