import type { FollowedVerdict } from '../gate/index.js';
import { safeText } from '../safe-text.js';

/** Says that another verdict is followed than the one that was named; empty where it is that one. */
export function supersededText({ uri, supersedes }: FollowedVerdict): string {
  return supersedes === undefined ? '' : `taster: ${safeText(supersedes)} holds no more: ${safeText(uri)} does\n`;
}
