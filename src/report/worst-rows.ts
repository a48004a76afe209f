import type { Table } from 'apache-arrow';
import {
  type FetchJob,
  fetchTables,
  mostSuspicious,
  type ShardAssessment,
  type WantedRows,
  WORST_ROWS,
} from '../assess/index.js';
import { showRow } from '../encode/index.js';
import type { Shard } from '../intake/index.js';
import type { ShardMarks } from '../mark/index.js';
import { findNeighbours, NO_NEIGHBOURS } from './neighbours.js';
import type { WorstRow } from './types.js';

interface Candidate {
  readonly shard: string;
  readonly row: number;
  readonly suspicion: number;
  readonly suspect: boolean;
  readonly reason: string | null;
  /** Class indices, −1 for none: the one it carries, and the one that a model gives it. */
  readonly label: number;
  readonly called: number;
}

/** Where the rows are read from again. */
interface ScannedBatch {
  readonly shards: readonly Shard[];
  readonly assessments: readonly ShardAssessment[];
  readonly job: FetchJob;
}

/** The rows of highest suspicion of all that were added. */
export class WorstRows {
  #worst: readonly Candidate[] = [];

  add({ shard, rows, suspicion, suspect, reason, labels, called }: ShardMarks): void {
    const own = mostSuspicious(rows, WORST_ROWS, (row) => suspicion[row] as number);
    const candidates = own.map((row) => ({
      shard,
      row,
      suspicion: suspicion[row] as number,
      suspect: suspect[row] === 1,
      reason: reason[row] ?? null,
      label: labels[row] ?? -1,
      called: called[row] ?? -1,
    }));
    // Sorting keeps the order of equals: of rows that tie, the first stay first.
    this.#worst = [...this.#worst, ...candidates].sort((a, b) => b.suspicion - a.suspicion).slice(0, WORST_ROWS);
  }

  /** Reads their cells and looks for trusted rows like them. @throws as fetchTables */
  async read({ shards, assessments, job }: ScannedBatch): Promise<WorstRow[]> {
    const { baseline } = job;
    const wanted = shards.flatMap((shard, number): WantedRows[] => {
      const own = this.#worst.filter((one) => one.shard === shard.path).map(({ row }) => row);
      const sha256 = assessments[number]?.sha256 ?? null;
      return own.length === 0 ? [] : [{ shard, number, sha256, rows: own.sort((a, b) => a - b) }];
    });
    // Starting a second process would take longer than reading the few shards whose rows were not kept.
    const tables = await fetchTables(wanted, { ...job, processes: 1 });
    return this.#worst.map(({ label, called, ...one }) => {
      const at = wanted.findIndex(({ shard }) => shard.path === one.shard);
      const [from, table] = [wanted[at] as WantedRows, tables[at] as Table];
      const row = from.rows.indexOf(one.row);
      const content = showRow(table, row, baseline.columns);
      // What was not judged may lack the columns to compare by.
      if (assessments[from.number]?.isJudged !== true) return { ...one, ...content, ...NO_NEIGHBOURS };
      return { ...one, ...content, ...findNeighbours(baseline, table, { row, label, called, values: content.values }) };
    });
  }
}
