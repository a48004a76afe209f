import type { Finding } from '../../decide/types.js';
import { placeOf } from '../wording.js';
import { clip } from './markup.js';

const NAME_LENGTH = 120;

/** `shard a.csv`, to stand inside a sentence. */
export function placeInside(finding: Finding): string {
  const place = clip(placeOf(finding), NAME_LENGTH);
  return place.slice(0, 1).toLowerCase() + place.slice(1);
}

/** What a shard is held for, in a few words. */
export function causeOf(finding: Finding): string {
  switch (finding.scope) {
    case 'shard':
    case 'shard-class':
      return finding.pValue === null ? finding.kind : `its own rows (${finding.kind})`;
    default:
      return `${placeInside(finding)} (${finding.kind})`;
  }
}
