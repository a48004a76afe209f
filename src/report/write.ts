import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transient } from '../errors.js';
import { withScratch } from '../store/index.js';
import { reportHtml } from './html/index.js';
import { reportJson } from './report-json.js';
import { rowsArrow } from './rows-arrow.js';
import type { ScanOutcome } from './types.js';

const REPORT = 'report.json';
const PAGE = 'report.html';
const ROWS = 'rows.arrow';

async function orWriteFailed<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isSystemError = cause instanceof Error && 'syscall' in cause;
    throw isSystemError ? new Transient('WRITE_FAILED', { path: folder, detail: cause.message }, cause) : cause;
  }
}

/**
 * Creates the folder and takes away an earlier report, so that a scan that fails leaves no verdict behind that
 * could be taken for its own. Throws Transient WRITE_FAILED.
 */
export async function prepareOutput(folder: string): Promise<void> {
  await orWriteFailed(folder, async () => {
    await mkdir(folder, { recursive: true });
    await rm(join(folder, REPORT), { force: true });
    await rm(join(folder, PAGE), { force: true });
  });
}

/**
 * Writes report.json, report.html and rows.arrow into `folder`: each appears whole or not at all, and report.json,
 * which tells programs the verdict, last. Throws Transient WRITE_FAILED.
 */
export async function writeReport(outcome: ScanOutcome, folder: string): Promise<void> {
  const report = reportJson(outcome);
  const page = reportHtml(outcome);
  const rows = await rowsArrow(outcome.marks);
  await prepareOutput(folder);
  await orWriteFailed(folder, () =>
    withScratch(folder, async (scratch) => {
      await writeFile(join(scratch, ROWS), rows);
      await writeFile(join(scratch, PAGE), page);
      await writeFile(join(scratch, REPORT), report);
      await rename(join(scratch, ROWS), join(folder, ROWS));
      await rename(join(scratch, PAGE), join(folder, PAGE));
      await rename(join(scratch, REPORT), join(folder, REPORT));
    }),
  );
}
