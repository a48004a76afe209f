import type { ScanOutcome } from '../types.js';
import { drawDistribution } from './distribution.js';
import { html, type Markup } from './markup.js';
import { drawMap } from './row-map.js';

function key(looks: string): Markup {
  const path = looks === 'trusted' ? 'M2 2h24v12h-24z' : 'M2 8h24';
  return html`<svg viewBox="0 0 28 16" aria-hidden="true"><path class="${looks}" d="${path}"/></svg>`;
}

/** The batch against the trusted rows as a whole. */
export function picturesSection({ picture, baseline }: ScanOutcome): Markup {
  const title = html`<h2 id="pictures-title">The batch beside the trusted data</h2>`;
  if (picture === null) {
    const why = baseline.provisional
      ? 'without trusted rows (--baseline) there is nothing to draw the batch beside'
      : 'this run kept no sample of the scores to draw';
    return html`<section id="pictures" aria-labelledby="pictures-title">${title}
<p class="muted">No pictures: ${why}. Every row's score is in rows.arrow.</p></section>`;
  }
  return html`<section id="pictures" aria-labelledby="pictures-title">${title}
<p>A batch like the trusted data has the line follow the grey shape. A line above the shape on the right means more bad-looking rows than usual; one step up is ten times as many. What lies beyond the axis is drawn at its ends.</p>
<ul class="legend"><li>${key('trusted')}trusted rows</li><li>${key('batch')}this batch</li></ul>
<div class="grid">${picture.distributions.map(drawDistribution)}${picture.map === null ? null : drawMap(picture.map)}</div>
${picture.map === null ? html`<p class="muted">No map of the rows: they have no features that could be laid out on a plane.</p>` : null}</section>`;
}
