import type { Format } from './formats/format.js';
import { formats } from './formats/registry.js';

/** Endings that say how a file is compressed. Such a file may come plain: servers and browsers unpack on the way. */
const COMPRESSED_ENDING = /\.(gz|gzip|zst|zstd)$/;

/** Formats that the ending of a name promises; none where it has no ending or one that may stand for anything. */
export function promisedFormats(path: string): readonly Format[] {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const ending = /\.([^.]+)$/.exec(name.replace(COMPRESSED_ENDING, ''))?.[1];
  return ending === undefined ? [] : formats.filter(({ endings }) => endings.includes(ending));
}
