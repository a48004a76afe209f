import type { Table } from 'apache-arrow';
import type { ShardAssessment } from '../assess/index.js';
import { type ColumnRole, fixLists, showCells } from '../encode/index.js';
import { type IntakeLimits, parseShard, pinShard, type Shard } from '../intake/index.js';
import type { ShardMarks } from '../mark/index.js';
import type { ObjectStore } from '../store/index.js';
import { readImages } from './row-images.js';
import type { WorstRow } from './types.js';

const WORST_ROWS = 10;
const MAX_CELL_CHARACTERS = 200;

interface Candidate {
  readonly shard: string;
  readonly row: number;
  readonly suspicion: number;
  readonly suspect: boolean;
  readonly reason: string | null;
}

/** Where the rows are read from again. */
interface ScannedBatch {
  readonly store: ObjectStore;
  readonly shards: readonly Shard[];
  readonly assessments: readonly ShardAssessment[];
  readonly columns: readonly ColumnRole[];
  readonly limits: IntakeLimits;
}

/** The rows of highest suspicion of all that were added. */
export class WorstRows {
  readonly #worst: Candidate[] = [];

  add({ shard, suspicion, suspect, reason }: ShardMarks): void {
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
      });
      this.#worst.length = Math.min(this.#worst.length, WORST_ROWS);
    });
  }

  /** Reads their cells, which stay away when the shard is no longer what was scored. */
  async read({ store, shards, assessments, columns, limits }: ScannedBatch): Promise<WorstRow[]> {
    const tables = new Map<string, Table>();
    for (const path of new Set(this.#worst.map(({ shard }) => shard))) {
      const shard = shards.find((one) => one.path === path);
      const scored = assessments.find((one) => one.path === path);
      if (shard === undefined) continue;
      const pinned = await pinShard(store, shard, limits);
      if (pinned.sha256 === scored?.sha256) tables.set(path, fixLists(await parseShard(pinned, limits), columns));
    }
    return this.#worst.map((one) => ({
      ...one,
      ...readRow(tables.get(one.shard), one.row, columns),
      neighbour: null,
    }));
  }
}

function readRow(
  table: Table | undefined,
  row: number,
  columns: readonly ColumnRole[],
): Pick<WorstRow, 'values' | 'images'> {
  if (table === undefined) return { values: new Map(), images: new Map() };
  const images = readImages(table, row, columns);
  const cells = [...showCells(table, row)].filter(([name]) => !images.has(name));
  return { values: new Map(cells.map(([name, cell]) => [name, cell.slice(0, MAX_CELL_CHARACTERS)])), images };
}
