import { encode } from 'fast-png';
import { type RowImage, shrinkImage } from '../../encode/index.js';
import { html, type Markup } from './markup.js';

/** A picture from a row as part of the page. */
export function drawImage(image: RowImage, description: string): Markup {
  const { width, height, channels, pixels } = shrinkImage(image);
  const png = Buffer.from(encode({ width, height, channels, data: pixels }));
  return html`<img class="pixels" width="${width}" height="${height}" alt="${description}" src="data:image/png;base64,${png.toString('base64')}">`;
}
