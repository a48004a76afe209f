import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startS3 } from '../servers/s3.js';
import { addRecord, findArrival, sealArrival, storePlan } from '../src/batch/index.js';
import { type Dataset, loadConfig, quietAwsSdk } from '../src/config/index.js';
import type { JobQueue } from '../src/queue/index.js';
import { reconcile, sweepIncoming, sweptNotes } from '../src/schedule/index.js';
import { anyStore, type ObjectStore, sha256Of } from '../src/store/index.js';
import { memoryStore } from './sweep/memory-store.js';

/** What sweeps ask of a store whose settled batches all stay in the incoming prefix, each by a worker that has just started. */

const SHARDS = 8;
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };

const { values } = parseArgs({
  options: { batches: { type: 'string', default: '10000' }, s3: { type: 'boolean', default: false } },
});

async function settle(store: ObjectStore, dataset: Dataset, batch: string, plan: string): Promise<void> {
  const shards = [];
  for (let number = 0; number < SHARDS; number++) {
    const [path, content] = [`${number}.csv`, Buffer.from(`row\n${batch}\n`)];
    await store.create(dataset.incoming, `${batch}/${path}`, content);
    shards.push({ path, sha256: sha256Of(content), released: true });
  }
  await sealArrival(store, dataset, await findArrival(store, dataset, batch));
  const judged = { kind: 'judged', plan, decision: 'd'.repeat(64), mode: 'enforce', rests: RESTS, shards } as const;
  await addRecord(store, dataset.vault, batch, 0, judged);
  await addRecord(store, dataset.vault, batch, 1, { kind: 'settled', verdict: 'verdict.json', changed: [] });
}

/** Counts what opens single objects or folders, and what goes through a whole prefix. */
function counted(store: ObjectStore) {
  const counts = { opened: 0, listings: 0 };
  const entries = Object.entries(store).map(([name, call]) => {
    const counting = (...given: unknown[]) => {
      if (name === 'folderStates' || (name === 'list' && String(given[0]).endsWith('/swept'))) counts.listings += 1;
      else counts.opened += 1;
      return call(...given);
    };
    return [name, counting];
  });
  return { store: Object.fromEntries(entries) as ObjectStore, counts };
}

async function sweep(what: string, below: ObjectStore, dataset: Dataset): Promise<void> {
  const { store, counts } = counted(below);
  const queued = new Set<string>();
  const addBatch = async ({ batch }: { batch: string }) => queued.add(batch).size > 0;
  const around = { store, queue: { addBatch } as unknown as JobQueue, config: { backend: 'wasm' } as const };
  const swept = sweptNotes(store, dataset.vault);
  const cpu = process.cpuUsage();
  const started = performance.now();
  await sweepIncoming(around, dataset, swept);
  await reconcile(around, dataset, { isRetried: false, forgets: true, swept });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage(cpu);
  const processor = ((user + system) / 1e6).toFixed(1);
  const asked = `${counts.opened} objects or folders opened, ${counts.listings} prefixes listed`;
  console.log(`${what}: ${asked}, ${seconds} s (processor ${processor} s), queued [${[...queued].join(', ')}]`);
}

async function measure(store: ObjectStore, folder: string, root: string): Promise<void> {
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, `${root}/${name}`]);
  const settings = { ...Object.fromEntries(roots), quietSeconds: 0 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ datasets: { d: settings } }));
  const dataset = loadConfig(join(folder, 'config.json')).datasets.get('d') as Dataset;
  const plan = await storePlan(store, dataset, 'wasm');
  for (let number = 0; number < Number(values.batches); number++) {
    await settle(store, dataset, `batch-${number}`, plan);
  }
  await sweep('first sweep', store, dataset);
  await sweep('next sweep, of another worker', store, dataset);
  await store.create(dataset.incoming, 'batch-7/late.csv', Buffer.from('row\nlate\n'));
  await sweep('sweep after a late shard', store, dataset);
}

quietAwsSdk();
const folder = mkdtempSync(join(tmpdir(), 'taster-sweep-'));
const s3 = values.s3 ? await startS3() : undefined;
try {
  console.log(`${values.batches} settled batches of ${SHARDS} shards, ${s3 ? 'S3' : 'a store in memory'}`);
  if (s3) {
    await s3.createBucket('lake');
    Object.assign(process.env, s3.variables);
  }
  await measure(s3 ? anyStore : memoryStore(), folder, s3 ? 's3://lake' : folder);
} finally {
  await s3?.stop();
  rmSync(folder, { recursive: true, force: true });
}
