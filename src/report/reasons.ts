import type { Finding } from '../decide/types.js';

/** A row's reason taken apart. */
export interface Reason {
  readonly words: string;
  /** What it rests on, where that is a finding of the decision. */
  readonly finding: Finding | undefined;
}

/** What `mark` has written of a row, without the p-value and the name of the finding behind it. */
export function readReason(reason: string, findings: readonly Finding[]): Reason {
  const finding = findings
    .filter(({ id }) => reason.endsWith(`; ${id})`))
    .reduce<Finding | undefined>(
      (longest, one) => (one.id.length > (longest?.id.length ?? 0) ? one : longest),
      undefined,
    );
  if (finding === undefined) return { words: reason, finding };
  const end = reason.lastIndexOf(' (p = ', reason.length - finding.id.length);
  return { words: end < 0 ? reason : reason.slice(0, end), finding };
}
