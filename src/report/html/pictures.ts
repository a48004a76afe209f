import type { ScanOutcome } from '../types.js';
import { drawDistribution } from './distribution.js';
import { html, type Markup } from './markup.js';
import { drawMap } from './row-map.js';

function key(looks: string): Markup {
  const path = looks === 'batch' ? 'M2 8h24' : 'M2 2h24v12h-24z';
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
<p>Every row has a score of how bad it looks; these are the shares of rows with each score. In a clean batch the line follows the grey shape from end to end. Red on the right is what to worry about: more bad-looking rows than usual. One step up is ten times as many rows.</p>
<ul class="legend"><li>${key('trusted')}trusted rows</li><li>${key('batch')}this batch</li><li>${key('surplus')}more than usual</li></ul>
<div class="grid">${picture.distributions.map(drawDistribution)}</div>
${picture.map === null ? html`<p class="muted">No map of the rows: they have no features that could be laid out on a plane.</p>` : drawMap(picture.map)}</section>`;
}
