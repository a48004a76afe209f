import { scaleLinear, scaleLog } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { kinds } from '../kinds.js';
import { logOddsOf } from '../log-odds.js';
import type { Picture } from '../types.js';
import { share } from '../wording.js';
import { html, type Markup } from './markup.js';

type Distribution = Picture['distributions'][number];

const WIDTH = 360;
const HEIGHT = 210;
const LEFT = 52;
const RIGHT = 350;
const TOP = 10;
const BOTTOM = 168;
/** A row in ten thousand; what is rarer lies on the floor. */
const LEAST_SHARE = 1e-4;
const SHARES = [1, 0.1, 0.01, 0.001, 0.0001];
const SCORES = [0.5, 0.99, 0.01, 0.9, 0.1, 0.9999, 1e-4, 0.999999, 1e-6];
/** Width of a character below the axis, and of the room between two labels. */
const CHARACTER = 6.6;
const LEAST_GAP = 10;
/** Of the trusted rows: beyond their worst hundredth a batch like them has as few. */
const TAIL = 0.01;
/** So many times as many bad scores as trusted rows have are worth a word. */
const ODD_RATIO = 1.3;

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The shares of rows with the worst scores, those that about a hundredth of the trusted rows reach. */
function tailOf({ batch, trusted }: Distribution): { from: number; batch: number; trusted: number } | null {
  const rows = total(trusted);
  if (rows === 0 || total(batch) === 0) return null;
  // At least the last bin, where more trusted rows than that may lie.
  let bin = trusted.length - 1;
  let beyond = trusted[bin] ?? 0;
  while (bin > 0 && beyond + (trusted[bin - 1] ?? 0) <= TAIL * rows) {
    bin -= 1;
    beyond += trusted[bin] ?? 0;
  }
  return { from: bin / trusted.length, batch: total(batch.slice(bin)) / total(batch), trusted: beyond / rows };
}

function tailInWords(distribution: Distribution): string {
  const tail = tailOf(distribution);
  if (tail === null) return '';
  const times = tail.batch / tail.trusted;
  const compared =
    times >= ODD_RATIO
      ? `: ${Number(times.toPrecision(2))} times as many as usual`
      : times > 1 / ODD_RATIO
        ? ', about as usual'
        : ', fewer than usual';
  return `${share(tail.batch)} of the batch's rows score as badly as the worst ${share(tail.trusted)} of the trusted rows${compared}.`;
}

/** Scores to write below the axis, with where they stand in 0..1 of it; the middle ones first where room is scarce. */
function ticksOf({ from, to }: Distribution): { score: number; at: number }[] {
  const ticks: { score: number; at: number }[] = [];
  const halfWidth = (score: number) => (String(score).length * CHARACTER + LEAST_GAP) / 2 / (RIGHT - LEFT);
  for (const score of SCORES) {
    const at = (logOddsOf(score) - from) / (to - from);
    const isFree = ticks.every((other) => Math.abs(other.at - at) > halfWidth(other.score) + halfWidth(score));
    if (at >= 0 && at <= 1 && isFree) ticks.push({ score, at });
  }
  return ticks;
}

/** How the scores of the batch are spread against those of the trusted rows, by one detector. */
export function drawDistribution(distribution: Distribution): Markup {
  const { kind, batch, trusted } = distribution;
  const x = scaleLinear([0, 1], [LEFT, RIGHT]);
  const y = scaleLog([LEAST_SHARE, 1], [BOTTOM, TOP]).clamp(true);
  // The last bin needs a right edge.
  const steps = (counts: readonly number[]) => {
    const shares = counts.map((count) => Math.max(LEAST_SHARE, count / Math.max(1, total(counts))));
    return [...shares, shares.at(-1) ?? LEAST_SHARE].map((part, bin) => [bin / counts.length, part] as const);
  };
  type Step = readonly [score: number, share: number];
  const shape = area<Step>(
    ([score]) => x(score),
    BOTTOM,
    ([, part]) => y(part),
  )
    .curve(curveStepAfter)
    .digits(1);
  const outline = line<Step>(
    ([score]) => x(score),
    ([, part]) => y(part),
  )
    .curve(curveStepAfter)
    .digits(1);
  const between = area<readonly [score: number, low: number, high: number]>(
    ([score]) => x(score),
    ([, low]) => y(low),
    ([, , high]) => y(high),
  )
    .curve(curveStepAfter)
    .digits(1);
  const [own, usual] = [steps(batch), steps(trusted)];
  const surplus = usual.map(([at, low], bin) => [at, low, Math.max(low, own[bin]?.[1] ?? 0)] as const);
  const words = tailInWords(distribution);
  return html`<figure class="card"><h3>${kinds[kind].scores} <span class="muted">(${kind})</span></h3>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${kinds[kind].scores}: scores by ${kind}. ${words}`}">
${SHARES.map((part) => html`<path class="axis" d="M${LEFT} ${y(part).toFixed(1)}H${RIGHT}"/><text x="${LEFT - 6}" y="${(y(part) + 4).toFixed(1)}" text-anchor="end">${share(part)}</text>`)}
<path class="trusted" d="${shape(usual)}"/><path class="surplus" d="${between(surplus)}"/><path class="batch" d="${outline(own)}"/>
${ticksOf(distribution).map(({ score, at }) => html`<path class="axis" d="M${x(at).toFixed(1)} ${BOTTOM}v4"/><text x="${x(at).toFixed(1)}" y="${BOTTOM + 17}" text-anchor="${at > 0.94 ? 'end' : 'middle'}">${score}</text>`)}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">score of a row: worse to the right →</text>
</svg>
<figcaption>${words}</figcaption></figure>`;
}
