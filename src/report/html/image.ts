import { encode } from 'fast-png';
import type { RowImage } from '../types.js';
import { html, type Markup } from './markup.js';

/** Enough to recognise what it shows; a page of twenty large photographs would be megabytes. */
const MOST_PIXELS = 64;

/** Each pixel the mean of those it stands for. */
function shrink(image: RowImage): RowImage {
  const factor = Math.ceil(Math.max(image.width, image.height) / MOST_PIXELS);
  if (factor <= 1) return image;
  const { channels } = image;
  const width = Math.ceil(image.width / factor);
  const height = Math.ceil(image.height / factor);
  const pixels = new Uint8Array(width * height * channels);
  for (let at = 0; at < pixels.length; at++) {
    const channel = at % channels;
    const left = (Math.floor(at / channels) % width) * factor;
    const top = Math.floor(at / channels / width) * factor;
    pixels[at] = meanOf(image, channel, left, top, factor);
  }
  return { width, height, channels, pixels };
}

function meanOf(
  { width, height, channels, pixels }: RowImage,
  channel: number,
  left: number,
  top: number,
  side: number,
) {
  let sum = 0;
  let count = 0;
  for (let y = top; y < Math.min(top + side, height); y++) {
    for (let x = left; x < Math.min(left + side, width); x++) {
      sum += pixels[(y * width + x) * channels + channel] ?? 0;
      count += 1;
    }
  }
  return Math.round(sum / Math.max(1, count));
}

/** A picture from a row as part of the page. */
export function drawImage(image: RowImage, description: string): Markup {
  const { width, height, channels, pixels } = shrink(image);
  const png = Buffer.from(encode({ width, height, channels, data: pixels }));
  return html`<img class="pixels" width="${width}" height="${height}" alt="${description}" src="data:image/png;base64,${png.toString('base64')}">`;
}
