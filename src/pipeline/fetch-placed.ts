import type { Table } from 'apache-arrow';
import { fetchRows, type WantedRows } from '../assess/index.js';
import { type AssessedBatch, numbersOf, type PlacedRow } from './assessed-batch.js';

/** Rows of a batch as a table. */
export interface FetchedRows {
  readonly table: Table;
  readonly labels: Int32Array;
  placesOf(rows: readonly PlacedRow[]): Int32Array;
}

/** Reads rows of the batch again, each once. */
export async function fetchPlaced(
  rows: readonly PlacedRow[],
  { shards, assessments, job }: AssessedBatch,
): Promise<FetchedRows> {
  const byPath = new Map<string, Map<number, number>>();
  for (const { path, row, label } of rows) {
    const own = byPath.get(path) ?? new Map<number, number>();
    byPath.set(path, own.set(row, label));
  }
  const numbers = numbersOf(shards);
  const wanted: WantedRows[] = [...byPath.keys()].sort().flatMap((path) => {
    const number = numbers.get(path) ?? -1;
    const shard = shards[number];
    return shard === undefined
      ? []
      : [
          {
            shard,
            number,
            sha256: assessments[number]?.sha256 ?? null,
            rows: [...(byPath.get(path)?.keys() ?? [])].sort((a, b) => a - b),
          },
        ];
  });
  const table = await fetchRows(wanted, job);
  const places = new Map<string, number>();
  const labels: number[] = [];
  for (const { shard, rows: own } of wanted) {
    for (const row of own) {
      places.set(`${row}/${shard.path}`, labels.length);
      labels.push(byPath.get(shard.path)?.get(row) ?? -1);
    }
  }
  const placesOf = (some: readonly PlacedRow[]) =>
    Int32Array.from(some, ({ row, path }) => places.get(`${row}/${path}`) ?? 0);
  return { table, labels: Int32Array.from(labels), placesOf };
}
