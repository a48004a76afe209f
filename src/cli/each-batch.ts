import { BadInput, Transient } from '../errors.js';
import { safeText } from '../safe-text.js';
import { type CliIo, type ExitCode, exitCodes } from './io.js';

/** What else fails would fail for the next batch as well. */
function isOfBatch(error: unknown): error is BadInput | Transient {
  const isUnreadable = error instanceof Transient && error.code === 'READ_FAILED';
  return isUnreadable || (error instanceof BadInput && error.code === 'RECORD_DAMAGED');
}

/** Queues one after another by `queueOne`; what cannot be read is named and keeps none of the others waiting. @throws what else `queueOne` throws */
export async function queueEach(
  batches: readonly string[],
  queueOne: (batch: string) => Promise<unknown>,
  { stderr }: CliIo,
): Promise<ExitCode> {
  let failed = 0;
  for (const batch of batches) {
    try {
      await queueOne(batch);
    } catch (error) {
      if (!isOfBatch(error)) throw error;
      failed++;
      stderr.write(`${safeText(batch)} is not queued: ${safeText(error.message)}\n  ${safeText(error.remedy)}\n`);
    }
  }
  return failed === 0 ? exitCodes.released : exitCodes.infrastructure;
}
