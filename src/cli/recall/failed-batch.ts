import { BadInput, Transient } from '../../errors.js';

/** A batch of which not all could be done, or an audit log, and what to do about it. */
export interface FailedBatch {
  /** Null where it is about the log that `--audit` names. */
  readonly dataset: string | null;
  /** Null where it is about an audit log: that of the dataset. */
  readonly batch: string | null;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What no error of the catalogue is, is thrown on: an assumption of the code does not hold. */
export function failedBatch(dataset: string | null, batch: string | null, error: unknown): FailedBatch {
  if (!(error instanceof BadInput || error instanceof Transient)) throw error;
  const { code, message, remedy } = error;
  return { dataset, batch, code, message, remedy };
}

export function failedLine({ dataset, batch, message, remedy }: FailedBatch): string {
  return `failed      ${nameOf({ dataset, batch })}: ${message}. ${remedy}`;
}

/** What was said first of each. */
export function eachOnce(failed: readonly FailedBatch[]): FailedBatch[] {
  const first = new Map<string, FailedBatch>();
  for (const one of failed) if (!first.has(nameOf(one))) first.set(nameOf(one), one);
  return [...first.values()];
}

/** @throws Transient RECALL_INCOMPLETE */
export function requireNoneFailed(failed: readonly FailedBatch[]): void {
  if (failed.length === 0) return;
  const batches = failed.filter(({ batch }) => batch !== null).map(nameOf);
  const logs = failed.filter(({ batch }) => batch === null).map(nameOf);
  const detail = [
    ...(batches.length === 0 ? [] : [`not done for ${batches.length} of the batches: ${batches.join(', ')}`]),
    ...(logs.length === 0 ? [] : [`not written or read to the end: ${logs.join(', ')}`]),
  ].join('; ');
  throw new Transient('RECALL_INCOMPLETE', { detail });
}

function nameOf({ dataset, batch }: Pick<FailedBatch, 'dataset' | 'batch'>): string {
  if (batch !== null) return `${dataset}/${batch}`;
  return dataset === null ? 'the log of --audit' : `the audit log of ${dataset}`;
}
