import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShardMarks } from '../mark/types.js';
import { openScratch, orWriteFailed, type Scratch, sha256Of } from '../store/index.js';
import { reportHtml } from './html/index.js';
import { reportJson } from './report-json.js';
import { openRows, type RowsLayout, type RowsWriter } from './rows-arrow.js';
import type { ScanOutcome } from './types.js';

const REPORT = 'report.json';
const PAGE = 'report.html';
const ROWS = 'rows.arrow';
const VERDICT = 'verdict.json';

/** Where a scan puts the marks of its rows: `begin` once, then shard after shard. */
export interface RowsSink {
  begin(layout: RowsLayout): void;
  write(marks: ShardMarks): Promise<void>;
}

/** What a scan has come to, and the files that say so. */
export interface WrittenReport {
  readonly outcome: ScanOutcome;
  /** File → its SHA-256 as it was written. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * Creates the folder and takes away an earlier report, so that a scan that fails leaves no verdict behind that
 * could be taken for its own. Throws Transient WRITE_FAILED.
 */
async function prepareOutput(folder: string): Promise<void> {
  await orWriteFailed(folder, async () => {
    await mkdir(folder, { recursive: true });
    await rm(join(folder, REPORT), { force: true });
    await rm(join(folder, PAGE), { force: true });
    await rm(join(folder, VERDICT), { force: true });
  });
}

/**
 * Writes report.json, report.html and rows.arrow of a scan into `folder`: each appears whole or not at all, and
 * report.json, which tells programs the verdict, and the signed verdict, where `sign` makes one, last. Throws Transient WRITE_FAILED and what the scan throws.
 */
export async function writeReport(
  folder: string,
  scan: (rows: RowsSink) => Promise<ScanOutcome>,
  sign?: (outcome: ScanOutcome) => string,
): Promise<WrittenReport> {
  await prepareOutput(folder);
  let scratch: Scratch | undefined;
  let rows: RowsWriter | undefined;
  const inScratch = (name: string) => {
    scratch ??= openScratch(folder);
    return join(scratch.folder, name);
  };
  try {
    const outcome = await scan({
      begin: (layout) => {
        rows = openRows(inScratch(ROWS), layout);
      },
      write: (marks) => orWriteFailed(folder, async () => rows?.write(marks)),
    });
    const files = [
      [PAGE, reportHtml(outcome)],
      [REPORT, reportJson(outcome)],
      ...(sign === undefined ? [] : [[VERDICT, sign(outcome)] as const]),
    ] as const;
    const digests = new Map<string, string>();
    await orWriteFailed(folder, async () => {
      if (rows !== undefined) digests.set(ROWS, await rows.finish());
      for (const [name, content] of files) {
        await writeFile(inScratch(name), content);
        digests.set(name, sha256Of(content));
      }
      for (const name of digests.keys()) await rename(inScratch(name), join(folder, name));
    });
    return { outcome, digests };
  } finally {
    scratch?.discard();
  }
}
