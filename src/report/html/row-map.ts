import { scaleLinear } from 'd3-scale';
import type { MapPoint, Picture } from '../types.js';
import { share, whole } from '../wording.js';
import { clip, clipPath, html, type Markup } from './markup.js';

type RowMap = NonNullable<Picture['map']>;

const WIDTH = 360;
const HEIGHT = 270;
const MARGIN = 8;
/** Enough to show shapes; more only make the file large. */
const MOST_DOTS = 2000;
const MOST_SUSPECTS = 300;
/** From here on a row is drawn large. */
const ODD = 0.99;

interface Frame {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  isOutside(point: MapPoint): boolean;
}

/** Of trusted rows, left out at either end when the frame is laid around them. */
const MARGIN_SHARE = 0.01;
/** Room around them, as a share of what they take. */
const ROOM = 0.25;

/** Around where all but a few trusted rows lie: a row far off must not shrink all others to a dot. */
function frameOf(points: readonly MapPoint[]): Frame {
  const trusted = points.filter(({ shard }) => shard === null);
  const reach = (pick: (point: MapPoint) => number): readonly [number, number] => {
    const inner = (trusted.length > 0 ? trusted : points).map(pick).sort((a, b) => a - b);
    const skipped = Math.floor(MARGIN_SHARE * inner.length);
    const low = inner[skipped] ?? 0;
    const high = inner[inner.length - 1 - skipped] ?? 0;
    const room = ROOM * (high - low) || 0.5;
    return [low - room, high + room];
  };
  const [left, right] = reach(({ x }) => x);
  const [bottom, top] = reach(({ y }) => y);
  return {
    x: scaleLinear([left, right], [MARGIN, WIDTH - MARGIN]).clamp(true),
    y: scaleLinear([bottom, top], [HEIGHT - MARGIN, MARGIN]).clamp(true),
    isOutside: ({ x, y }) => x < left || x > right || y < bottom || y > top,
  };
}

/** One path for all dots of a look: a tenth of the bytes of as many circles. */
function dots(points: readonly MapPoint[], { x, y }: Frame): string {
  return points.map((point) => `M${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}h0`).join('');
}

function drawSuspect(point: MapPoint, { x, y }: Frame): Markup {
  const label = point.label === null ? '' : `, labelled ${clip(point.label, 60)}`;
  const title = `${clipPath(point.shard ?? '', 60)}, row ${point.row}${label}: suspicion ${point.suspicion.toFixed(4)}`;
  const path = `M${x(point.x).toFixed(1)} ${(y(point.y) - 4).toFixed(1)}l4 4l-4 4l-4-4z`;
  return html`<path class="suspect" d="${path}"><title>${title}</title></path>`;
}

/** Every `n`th, so that at most `most` stay. */
function thin<T>(items: readonly T[], most: number): readonly T[] {
  const every = Math.ceil(items.length / most);
  return every <= 1 ? items : items.filter((_, index) => index % every === 0);
}

function captionOf(map: RowMap, drawn: number, outside: number): string {
  const sample =
    drawn < map.batchRows + map.trustedRows
      ? `A sample of ${whole(drawn)} of ${whole(map.batchRows)} batch rows and ${whole(map.trustedRows)} trusted rows.`
      : `All ${whole(map.batchRows)} batch rows and ${whole(map.trustedRows)} trusted rows.`;
  return outside === 0 ? sample : `${sample} ${whole(outside)} lie farther out and are drawn at the edge.`;
}

/** Rows side by side with the trusted ones, on the two directions in which trusted rows differ most. */
export function drawMap(map: RowMap): Markup {
  const points = map.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const frame = frameOf(points);
  const trusted = thin(
    points.filter(({ shard }) => shard === null),
    MOST_DOTS,
  );
  const batch = thin(
    points.filter(({ shard, suspect }) => shard !== null && !suspect),
    MOST_DOTS,
  );
  const suspects = thin(
    points.filter(({ shard, suspect }) => shard !== null && suspect),
    MOST_SUSPECTS,
  );
  const drawn = [...trusted, ...batch, ...suspects];
  const caption = captionOf(map, drawn.length, drawn.filter(frame.isOutside).length);
  return html`<figure class="card beside"><h3>Map of the rows</h3>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`Map of the rows. ${caption} ${whole(suspects.length)} suspect rows are drawn.`}">
<rect class="axis" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}"/>
<path class="dots of-trusted" d="${dots(trusted, frame)}"/>
<path class="dots of-batch" d="${dots(
    batch.filter(({ suspicion }) => suspicion < ODD),
    frame,
  )}"/>
<path class="dots of-batch odd" d="${dots(
    batch.filter(({ suspicion }) => suspicion >= ODD),
    frame,
  )}"/>
${suspects.map((point) => drawSuspect(point, frame))}
</svg>
<figcaption><ul class="legend"><li>${key(html`<path class="dots of-trusted" d="M14 8h0"/>`)}trusted row</li><li>${key(html`<path class="dots of-batch" d="M14 8h0"/>`)}batch row</li><li>${key(html`<path class="dots of-batch odd" d="M14 8h0"/>`)}batch row among the worst ${share(1 - ODD)}</li><li>${key(html`<path class="suspect" d="M14 4l4 4l-4 4l-4-4z"/>`)}suspect row</li></ul>
<p>Each dot is a row; rows that are alike lie near one another. In a clean batch the blue dots lie on the grey ones, as dense where those are dense, and few or none are red.</p><p>Red apart from grey: rows unlike the trusted data. Red in a heap: rows that have something in common, such as copies. Red in the midst of grey: rows that look ordinary with a wrong label, since a label moves no dot. ${caption}</p></figcaption></figure>`;
}

function key(drawing: Markup): Markup {
  return html`<svg viewBox="0 0 28 16" aria-hidden="true">${drawing}</svg>`;
}
