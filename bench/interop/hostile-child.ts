import { BadInput } from '../../src/errors.js';
import { assertWithinBuffers } from '../../src/intake/formats/arrow-buffers.js';
import { readTable } from './read-file.js';

/** What became of one file. */
export interface Outcome {
  /** The refusal, or nothing when a whole and valid table was read. */
  readonly refused?: string;
  /** What should never happen. */
  readonly failed?: string;
  readonly peakBytes: number;
}

async function judge(path: string): Promise<Omit<Outcome, 'peakBytes'>> {
  try {
    const table = await readTable(path);
    for (const { data } of table.batches) assertWithinBuffers(data);
    return {};
  } catch (error) {
    return error instanceof BadInput ? { refused: error.message } : { failed: String(error) };
  }
}

process.on('message', async (path: string) => {
  const outcome = await judge(path);
  process.send?.({ ...outcome, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies Outcome);
});
