import { scaleLog } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Calibrated } from './judge.js';

const SIZE = 200;
const [LEFT, TOP, PLOT] = [44, 22, 148];
const LEAST = 1e-4;
const TICKS = [1e-4, 1e-3, 0.01, 0.1, 1];
const POINTS = 120;
/** Of chance, about the diagonal: two-sided 99.9 %. */
const DEVIATIONS = 3.29;

const x = scaleLog([LEAST, 1], [LEFT, LEFT + PLOT]);
const y = scaleLog([LEAST, 1], [TOP + PLOT, TOP]);
const within = (share: number) => Math.min(1, Math.max(LEAST, share));
const levels = Array.from({ length: POINTS + 1 }, (_, at) => LEAST ** (1 - at / POINTS));

/** How often a p-value is at or below each level, beside the diagonal of uniform ones and what chance makes of it. */
export function plotCalibration({ name, pValues }: Calibrated): string {
  const shareAt = (level: number) => countUpTo(pValues, level) / pValues.length;
  const chance = (level: number) => DEVIATIONS * Math.sqrt((level * (1 - level)) / pValues.length);
  const band = area<number>()
    .x((level) => x(level))
    .y0((level) => y(within(level - chance(level))))
    .y1((level) => y(within(level + chance(level))))(levels);
  const curve = line<number>()
    .x((level) => x(level))
    .y((level) => y(within(shareAt(level))))(levels.filter((level) => shareAt(level) > 0));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}" font-family="sans-serif" font-size="8">`,
    `<title>${name}: share of ${pValues.length} p-values at or below each level</title>`,
    `<rect width="${SIZE}" height="${SIZE}" fill="#fff"/>`,
    `<text x="4" y="13" font-size="8.5" font-weight="bold">${name}</text>`,
    ...TICKS.flatMap(ticks),
    `<path d="${rounded(band)}" fill="#dde3ea"/>`,
    `<path d="M${LEFT},${TOP + PLOT}L${LEFT + PLOT},${TOP}" stroke="#8a94a0" stroke-width="0.7" stroke-dasharray="3 2"/>`,
    `<path d="${rounded(curve)}" fill="none" stroke="#b3261e" stroke-width="1.4"/>`,
    `<text x="${LEFT + PLOT / 2}" y="${SIZE - 4}" text-anchor="middle">level</text>`,
    `<text x="9" y="${TOP + PLOT / 2}" text-anchor="middle" transform="rotate(-90 9 ${TOP + PLOT / 2})">share of p-values at or below it</text>`,
    '</svg>\n',
  ].join('\n');
}

function ticks(level: number): string[] {
  const [at, height] = [x(level), y(level)].map((place) => place.toFixed(1)) as [string, string];
  return [
    `<path d="M${at},${TOP}V${TOP + PLOT}M${LEFT},${height}H${LEFT + PLOT}" stroke="#eee" stroke-width="0.6"/>`,
    `<text x="${at}" y="${TOP + PLOT + 10}" text-anchor="middle">${level}</text>`,
    `<text x="${LEFT - 3}" y="${Number(height) + 3}" text-anchor="end">${level}</text>`,
  ];
}

function rounded(path: string | null): string {
  return (path ?? '').replace(/\d+\.\d+/g, (number) => Number(number).toFixed(1));
}

function countUpTo(ascending: Float64Array, level: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= level) low = middle + 1;
    else high = middle;
  }
  return low;
}
