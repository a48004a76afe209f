import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Baseline, encodeBaseline } from '../baseline/index.js';
import { Transient } from '../errors.js';
import { withScratch } from '../store/index.js';

/** Runs `work` with a file that holds the baseline and is gone afterwards. @throws Transient WRITE_FAILED */
export async function withBaselineFile<T>(baseline: Baseline, work: (file: string) => Promise<T>): Promise<T> {
  const parent = tmpdir();
  try {
    return await withScratch(parent, async (folder) => {
      const file = join(folder, 'baseline');
      await writeFile(file, encodeBaseline(baseline));
      return await work(file);
    });
  } catch (cause) {
    const isSystemError = cause instanceof Error && 'syscall' in cause;
    throw isSystemError ? new Transient('WRITE_FAILED', { path: parent, detail: cause.message }, cause) : cause;
  }
}
