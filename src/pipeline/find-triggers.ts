import type { Table } from 'apache-arrow';
import { fetchRows, type WantedRows } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { type FoundTriggers, type TriggerCandidate, testTriggers } from '../decide/index.js';
import {
  blindModelOf,
  type Carriers,
  collectCarriers,
  columnShifts,
  countBatch,
  countOriginals,
  groupItems,
  judgeItem,
  type LookedAtRows,
  lookAtRows,
  nameTrigger,
  poisonedRows,
  type SampledRow,
  type Shift,
  type Trigger,
  tellTrigger,
} from '../detect/index.js';
import { type AssessedBatch, allRowsOf, itemsIn, numbersOf } from './assessed-batch.js';
import { tellSuspects } from './find-suspected.js';

interface CountedBatch extends FoundTriggers {
  /** Columns in which the batch as a whole lies elsewhere than the trusted rows. */
  readonly shifts: readonly Shift[];
}

/** Most carriers of a trigger are no copies of one another, or it is a flood. */
const ORIGINALS = 0.5;

/** Triggers: items that all rows are counted for, told from topics by rows that carry them. */
export async function findTriggers(batch: AssessedBatch, level: number): Promise<CountedBatch> {
  const { baseline } = batch.job;
  const { items: trusted, suspects, classes } = baseline;
  if (suspects !== undefined) {
    const told = await tellSuspects(allRowsOf(batch), suspects, classes, { level, redact: batch.redact });
    return { level, triggers: told.filter(({ carriers }) => isOriginal(carriers)), shifts: [] };
  }
  const model = blindModelOf(baseline);
  if (trusted === null || model === undefined) return { level, triggers: [], shifts: [] };
  const { source, visitAll } = itemsIn(batch, trusted);
  const counted = await countBatch(source, trusted, level);
  const shifts = columnShifts(trusted.space, trusted.cells, counted.cells);
  const candidates = testTriggers(counted, level);
  if (candidates.length === 0) return { level, triggers: [], shifts };
  const wanted = candidates.map(({ item }) => item);
  const found = await collectCarriers(visitAll, trusted.space, wanted, baseline.classes.length);
  const { carriers, shared } = found;
  const others = [...found.others].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  const groups = groupItems(
    carriers.map(({ count }) => count),
    shared,
  ).filter(({ leader }) => isOriginal(carriers[leader] as Carriers));
  const samples = groups.flatMap(({ leader }) => carriers[leader]?.sample ?? []);
  const fetched = await fetchSampled([...samples, ...others], batch);
  const looked = lookAtRows({ trusted, model, ...fetched, others: fetched.placesOf(others) });
  const triggers = groups.flatMap(({ leader, members }) => {
    const [own, candidate] = [carriers[leader] as Carriers, candidates[leader] as TriggerCandidate];
    const rows = fetched.placesOf(own.sample);
    const one = { ...candidate, members: members.map((index) => wanted[index] as number), carriers: own, looked: rows };
    return judge(looked, one, baseline, batch.redact);
  });
  return { level, triggers, shifts };
}

function isOriginal({ sample, count }: Carriers): boolean {
  return countOriginals(sample) >= ORIGINALS * Math.min(count, 200);
}

function judge(
  looked: LookedAtRows,
  one: Parameters<typeof judgeItem>[1] & TriggerCandidate,
  { classes }: Baseline,
  redact: boolean,
): Trigger[] {
  const judgement = judgeItem(looked, one);
  if (judgement === null) return [];
  const { carriers, pValue, trustedRows } = one;
  const subject = redact ? `item ${one.item}` : nameTrigger(looked, one.item, one.looked, judgement.parts);
  const among = { carriers: trustedRows, rows: looked.trusted.rows };
  const summary = tellTrigger(subject, carriers, judgement, among, classes);
  return [
    {
      subject,
      summary,
      pValue,
      carriers,
      poisoned: poisonedRows(carriers, judgement),
      trustedRows,
      contradicted: judgement.contradiction.contradicted,
    },
  ];
}

/** Sampled rows as a table. */
interface FetchedRows {
  readonly table: Table;
  readonly labels: Int32Array;
  placesOf(rows: readonly SampledRow[]): Int32Array;
}

async function fetchSampled(
  rows: readonly SampledRow[],
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
  const placesOf = (some: readonly SampledRow[]) =>
    Int32Array.from(some, ({ row, path }) => places.get(`${row}/${path}`) ?? 0);
  return { table, labels: Int32Array.from(labels), placesOf };
}
