import type { Table } from 'apache-arrow';
import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { fixLists, type RowContent, showRow } from '../encode/index.js';
import { type IntakeLimits, parseShard, pinShard, type Shard } from '../intake/index.js';
import type { ShardMarks } from '../mark/index.js';
import type { ObjectStore } from '../store/index.js';
import { type ComparedBaseline, findNeighbours, NO_NEIGHBOURS } from './neighbours.js';
import type { WorstRow } from './types.js';

const WORST_ROWS = 10;

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
  readonly store: ObjectStore;
  readonly shards: readonly Shard[];
  readonly assessments: readonly ShardAssessment[];
  readonly baseline: ComparedBaseline & Pick<Baseline, 'columns' | 'models'>;
  readonly limits: IntakeLimits;
}

/** The rows of highest suspicion of all that were added. */
export class WorstRows {
  readonly #worst: Candidate[] = [];

  add({ shard, suspicion, suspect, reason, labels, called }: ShardMarks): void {
    suspicion.forEach((own, row) => {
      const last = this.#worst[WORST_ROWS - 1];
      if (last !== undefined && own <= last.suspicion) return;
      // After equals: of rows that tie, the first in order stay first.
      const at = this.#worst.findLastIndex((other) => other.suspicion >= own) + 1;
      this.#worst.splice(at, 0, {
        shard,
        row,
        suspicion: own,
        suspect: suspect[row] === 1,
        reason: reason[row] ?? null,
        label: labels[row] ?? -1,
        called: called[row] ?? -1,
      });
      this.#worst.length = Math.min(this.#worst.length, WORST_ROWS);
    });
  }

  /** Reads their cells, which stay away when the shard is no longer what was scored, and looks for trusted rows like them. */
  async read({ store, shards, assessments, baseline, limits }: ScannedBatch): Promise<WorstRow[]> {
    const tables = new Map<string, ScoredTable>();
    for (const path of new Set(this.#worst.map(({ shard }) => shard))) {
      const shard = shards.find((one) => one.path === path);
      const scored = assessments.find((one) => one.path === path);
      if (shard === undefined) continue;
      const pinned = await pinShard(store, shard, limits);
      if (pinned.sha256 === scored?.sha256) {
        const table = fixLists(await parseShard(pinned, limits), baseline.columns);
        tables.set(path, { table, isJudged: scored.isJudged });
      }
    }
    return this.#worst.map(({ label, called, ...one }) => {
      const scored = tables.get(one.shard);
      if (scored === undefined) return { ...one, ...NO_CONTENT, ...NO_NEIGHBOURS };
      const { table, isJudged } = scored;
      const content = showRow(table, one.row, baseline.columns);
      // What was not judged may lack the columns to compare by, and those that a model makes are not in the file.
      const isComparable = isJudged && baseline.models.length === 0;
      const compared = { row: one.row, label, called, values: content.values };
      return { ...one, ...content, ...(isComparable ? findNeighbours(baseline, table, compared) : NO_NEIGHBOURS) };
    });
  }
}

interface ScoredTable {
  readonly table: Table;
  readonly isJudged: boolean;
}

const NO_CONTENT: RowContent = { values: new Map(), images: new Map() };
