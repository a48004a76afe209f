import { fetchRows, itemFiles, type ShardAssessment, type ShardRows, type WantedRows } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { testTriggers } from '../decide/index.js';
import {
  collectCarriers,
  contradict,
  countBatch,
  groupItems,
  type ItemRows,
  type SampledRow,
  type VisitShards,
} from '../detect/index.js';
import type { Shard } from '../intake/index.js';

type Job = Parameters<typeof fetchRows>[1];

/** What of the batch may be triggers: found by what all rows carry, judged by rows that carry it. */
export async function findTriggers(
  shards: readonly Shard[],
  assessments: readonly ShardAssessment[],
  rowsOf: (shard: ShardAssessment) => Promise<ShardRows>,
  job: Job,
  level: number,
) {
  const { baseline, scratch } = job;
  const trusted = baseline.items;
  if (trusted === null) return [];
  const judged = assessments.filter(({ isJudged }) => isJudged).sort((a, b) => (a.path < b.path ? -1 : 1));
  const numbers = new Map(shards.map(({ path }, number) => [path, number]));
  const store = itemFiles(scratch);
  const visitAll: VisitShards = async (visit) => {
    for (const shard of judged) {
      const items = await store.read(numbers.get(shard.path) ?? -1);
      visit({ ...(await rowsOf(shard)), items } satisfies ItemRows, shard.path);
    }
  };
  const counts = await countBatch(visitAll, trusted, level);
  const candidates = testTriggers(counts, level);
  console.error('counts', counts.rows, counts.tests, counts.leastTotal, counts.items.length, candidates.length);
  if (candidates.length === 0) return [];
  const { carriers, shared, others } = await collectCarriers(
    visitAll,
    trusted.space,
    candidates.map(({ item }) => item),
    baseline.classes.length,
  );
  const groups = groupItems(carriers.map(({ count }) => count), shared);
  const all = [...others].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  const wanted = new Map<string, Map<number, SampledRow>>();
  for (const row of [...groups.flatMap(({ leader }) => carriers[leader]?.sample ?? []), ...all]) {
    const own = wanted.get(row.path) ?? new Map<number, SampledRow>();
    wanted.set(row.path, own.set(row.row, row));
  }
  const byShard: WantedRows[] = [...wanted].map(([path, rows]) => ({
    shard: shards[numbers.get(path) ?? -1] as Shard,
    number: numbers.get(path) ?? -1,
    rows: [...rows.keys()].sort((a, b) => a - b),
  }));
  const table = await fetchRows(byShard, job);
  if (table === undefined) return [];
  const placeOf = new Map<string, number>();
  const labels: number[] = [];
  for (const { shard, rows } of byShard) {
    for (const row of rows) {
      placeOf.set(`${row} ${shard.path}`, labels.length);
      labels.push(wanted.get(shard.path)?.get(row)?.label ?? -1);
    }
  }
  const at = (rows: readonly SampledRow[]) => Int32Array.from(rows, ({ row, path }) => placeOf.get(`${row} ${path}`) ?? 0);
  const evidence = { space: trusted.space, table, labels: Int32Array.from(labels), others: at(all) };
  for (const { leader, members } of groups) {
    const own = carriers[leader];
    const candidate = candidates[leader];
    const target = [...(own?.labels ?? [])].sort(([, a], [, b]) => b - a)[0]?.[0] ?? -1;
    if (own === undefined || target < 0) continue;
    const items = members.map((index) => candidates[index]?.item ?? 0);
    const model = modelOf(baseline);
    if (model === undefined) return [];
    const rows = at(own.sample.filter(({ label }) => label === target));
    const said = contradict(model, evidence, items, rows, target);
    console.error(candidate, own.labels, own.count, own.sample.length, members.length, said);
  }
  return [];
}

function modelOf({ encoder, detectors }: Baseline) {
  const ridge = (detectors.find(({ kind }) => kind === 'label-flip')?.model as { ridge: { weights: never } | null } | undefined)?.ridge;
  return ridge === null || ridge === undefined ? undefined : { encoder, weights: ridge.weights };
}
