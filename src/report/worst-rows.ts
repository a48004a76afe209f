import type { Table } from 'apache-arrow';
import type { ShardAssessment } from '../assess/index.js';
import { type ColumnRole, showCells } from '../encode/index.js';
import { parseShard, pinShard, type Shard } from '../intake/index.js';
import type { ShardMarks } from '../mark/index.js';
import type { ObjectStore } from '../store/index.js';
import { readImages } from './row-images.js';
import type { WorstRow } from './types.js';

const WORST_ROWS = 10;
const MAX_CELL_CHARACTERS = 200;

/** The rows of highest suspicion with their cells; cells stay away when the shard is no longer what was scored. */
export async function readWorstRows(
  store: ObjectStore,
  shards: readonly Shard[],
  assessments: readonly ShardAssessment[],
  marks: readonly ShardMarks[],
  columns: readonly ColumnRole[],
): Promise<WorstRow[]> {
  const worst = findWorst(marks);
  const tables = new Map<string, Table>();
  for (const path of new Set(worst.map(({ mark }) => mark.shard))) {
    const shard = shards.find((one) => one.path === path);
    const scored = assessments.find((one) => one.path === path);
    if (shard === undefined) continue;
    const pinned = await pinShard(store, shard);
    if (pinned.sha256 === scored?.sha256) tables.set(path, await parseShard(pinned));
  }
  return worst.map(({ mark, row }) => ({
    shard: mark.shard,
    row,
    suspicion: mark.suspicion[row] ?? 0,
    suspect: mark.suspect[row] === 1,
    reason: mark.reason[row] ?? null,
    ...readRow(tables.get(mark.shard), row, columns),
    neighbour: null,
  }));
}

function findWorst(marks: readonly ShardMarks[]): { mark: ShardMarks; row: number }[] {
  const worst: { mark: ShardMarks; row: number; suspicion: number }[] = [];
  for (const mark of marks) {
    mark.suspicion.forEach((suspicion, row) => {
      const last = worst[WORST_ROWS - 1];
      if (last !== undefined && suspicion <= last.suspicion) return;
      // After equals: of rows that tie, the first in order stay first.
      const at = worst.findLastIndex((other) => other.suspicion >= suspicion) + 1;
      worst.splice(at, 0, { mark, row, suspicion });
      worst.length = Math.min(worst.length, WORST_ROWS);
    });
  }
  return worst;
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
