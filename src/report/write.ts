import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShardMarks } from '../mark/types.js';
import { orWriteFailed, withScratch } from '../store/index.js';
import { reportJson } from './report-json.js';
import { openRows, type RowsLayout, type RowsWriter } from './rows-arrow.js';
import type { ScanOutcome } from './types.js';

const REPORT = 'report.json';
const ROWS = 'rows.arrow';

/** Where a scan puts the marks of its rows: `begin` once, then shard after shard. */
export interface RowsSink {
  begin(layout: RowsLayout): void;
  write(marks: ShardMarks): Promise<void>;
}

/**
 * Creates the folder and takes away an earlier report, so that a scan that fails leaves no verdict behind that
 * could be taken for its own. Throws Transient WRITE_FAILED.
 */
export async function prepareOutput(folder: string): Promise<void> {
  await orWriteFailed(folder, async () => {
    await mkdir(folder, { recursive: true });
    await rm(join(folder, REPORT), { force: true });
  });
}

/**
 * Writes report.json and rows.arrow of a scan into `folder`: each appears whole or not at all, and the report, which
 * tells the verdict, last. Throws Transient WRITE_FAILED and what the scan throws.
 */
export async function writeReport(
  folder: string,
  scan: (rows: RowsSink) => Promise<ScanOutcome>,
): Promise<ScanOutcome> {
  await prepareOutput(folder);
  return withScratch(folder, async (scratch) => {
    let rows: RowsWriter | undefined;
    const outcome = await scan({
      begin: (layout) => {
        rows = openRows(join(scratch, ROWS), layout);
      },
      write: (marks) => orWriteFailed(folder, async () => rows?.write(marks)),
    });
    const report = reportJson(outcome);
    await orWriteFailed(folder, async () => {
      await rows?.finish();
      await writeFile(join(scratch, REPORT), report);
      await rename(join(scratch, ROWS), join(folder, ROWS));
      await rename(join(scratch, REPORT), join(folder, REPORT));
    });
    return outcome;
  });
}
