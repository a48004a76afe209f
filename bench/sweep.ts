import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RunningS3, startS3 } from '../servers/s3.js';
import { addRecord, findArrival, sealArrival, storePlan } from '../src/batch/index.js';
import { type Dataset, loadConfig, quietAwsSdk } from '../src/config/index.js';
import type { JobQueue } from '../src/queue/index.js';
import { reconcile, sweepIncoming, sweptNotes } from '../src/schedule/index.js';
import { anyStore, type ObjectStore, sha256Of } from '../src/store/index.js';

/** Times sweeps over settled batches that stay in the incoming prefix, by workers that have just started. */

const SHARDS = 8;
const AT_ONCE = 16;
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };

const { values } = parseArgs({
  options: { batches: { type: 'string', default: '10000' }, s3: { type: 'boolean', default: false } },
});

async function settle(dataset: Dataset, batch: string, plan: string): Promise<void> {
  const shards = [];
  for (let number = 0; number < SHARDS; number++) {
    const [path, content] = [`${number}.csv`, Buffer.from(`row\n${batch}\n`)];
    await anyStore.create(dataset.incoming, `${batch}/${path}`, content);
    shards.push({ path, sha256: sha256Of(content), released: true });
  }
  await sealArrival(anyStore, dataset, await findArrival(anyStore, dataset, batch));
  const judged = { kind: 'judged', plan, decision: 'd'.repeat(64), mode: 'enforce', rests: RESTS, shards } as const;
  await addRecord(anyStore, dataset.vault, batch, 0, judged);
  await addRecord(anyStore, dataset.vault, batch, 1, { kind: 'settled', verdict: 'verdict.json', changed: [] });
}

async function inParts(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  for (let from = 0; from < names.length; from += AT_ONCE)
    await Promise.all(names.slice(from, from + AT_ONCE).map(work));
}

/** Calls of a store, but those that list. */
function counted(store: ObjectStore): { readonly store: ObjectStore; readonly opened: () => number } {
  let opened = 0;
  const entries = Object.entries(store).map(([name, call]) => {
    const counting = (...given: unknown[]) => {
      if (['find', 'read', 'create'].includes(name)) opened += 1;
      return call(...given);
    };
    return [name, counting];
  });
  return { store: Object.fromEntries(entries) as ObjectStore, opened: () => opened };
}

async function sweep(what: string, dataset: Dataset): Promise<void> {
  const { store, opened } = counted(anyStore);
  const queued: string[] = [];
  const addBatch = async ({ batch }: { batch: string }) => queued.push(batch) > 0;
  const around = { store, queue: { addBatch } as unknown as JobQueue, config: { backend: 'wasm' } as const };
  const swept = sweptNotes(store, dataset.vault);
  const started = performance.now();
  await sweepIncoming(around, dataset, swept);
  await reconcile(around, dataset, { isRetried: false, swept });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(`${what}: ${seconds} s, ${opened()} objects opened, queued [${queued.join(', ')}], ${megabytes} MB`);
}

async function measure(folder: string, root: string): Promise<void> {
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, `${root}/${name}`]);
  const settings = { ...Object.fromEntries(roots), quietSeconds: 0 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ datasets: { d: settings } }));
  const dataset = loadConfig(join(folder, 'config.json')).datasets.get('d') as Dataset;
  const plan = await storePlan(anyStore, dataset, 'wasm');
  const names = Array.from({ length: Number(values.batches) }, (_, number) => `batch-${number}`);
  await inParts(names, (name) => settle(dataset, name, plan));
  await sweep('first sweep', dataset);
  await sweep('next sweep, of another worker', dataset);
  await anyStore.create(dataset.incoming, 'batch-7/late.csv', Buffer.from('row\nlate\n'));
  await sweep('sweep after a late shard', dataset);
}

quietAwsSdk();
const folder = mkdtempSync(join(tmpdir(), 'taster-sweep-'));
let s3: RunningS3 | undefined;
try {
  if (values.s3) {
    s3 = await startS3();
    await s3.createBucket('lake');
    Object.assign(process.env, s3.variables);
  }
  console.log(`${values.batches} settled batches of ${SHARDS} shards in ${values.s3 ? 'S3' : 'folders'}`);
  await measure(folder, values.s3 ? 's3://lake' : join(folder, 'data'));
} finally {
  await s3?.stop();
  rmSync(folder, { recursive: true, force: true });
}
