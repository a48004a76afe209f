import { BadInput, Transient } from '../errors.js';

/** A batch of which not all could be done, and what to do about it. */
export interface FailedBatch {
  readonly dataset: string;
  /** Null where it is about all batches of the dataset. */
  readonly batch: string | null;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What no error of the catalogue is, is thrown on: an assumption of the code does not hold. */
export function failedBatch(dataset: string, batch: string | null, error: unknown): FailedBatch {
  if (!(error instanceof BadInput || error instanceof Transient)) throw error;
  const { code, message, remedy } = error;
  return { dataset, batch, code, message, remedy };
}

export function failedLine({ dataset, batch, message, remedy }: FailedBatch): string {
  return `failed      ${nameOf({ dataset, batch })}: ${message}. ${remedy}`;
}

/** @throws Transient RECALL_INCOMPLETE */
export function requireNoneFailed(failed: readonly FailedBatch[]): void {
  if (failed.length === 0) return;
  throw new Transient('RECALL_INCOMPLETE', { count: failed.length, names: failed.map(nameOf).join(', ') });
}

function nameOf({ dataset, batch }: Pick<FailedBatch, 'dataset' | 'batch'>): string {
  return batch === null ? dataset : `${dataset}/${batch}`;
}
