import { addRecord, findArrival, sealArrival } from '../../src/batch/index.js';
import type { Dataset } from '../../src/config/index.js';
import { type ObjectStore, sha256Of } from '../../src/store/index.js';

const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };

/** Uploads a batch of one shard, and records that it was judged by that plan and settled. */
export async function settle(
  store: ObjectStore,
  dataset: Dataset,
  batch: string,
  plan: string,
  unassessed?: { readonly unassessed: true },
): Promise<void> {
  const content = Buffer.from(`row\n${batch}\n`);
  await store.create(dataset.incoming, `${batch}/a.csv`, content);
  await sealArrival(store, dataset, await findArrival(store, dataset, batch));
  const judgement = unassessed
    ? { ...unassessed, sha256: null, released: false }
    : { sha256: sha256Of(content), released: true };
  const shards = [{ path: 'a.csv', ...judgement }];
  const judged = { kind: 'judged', plan, decision: 'd'.repeat(64), mode: 'enforce', rests: RESTS, shards } as const;
  await addRecord(store, dataset.vault, batch, 0, judged);
  await addRecord(store, dataset.vault, batch, 1, { kind: 'settled', verdict: 'verdict.json', changed: [] });
}

/** A store that tells how often each of its operations was called. */
export function counted(store: ObjectStore): { readonly store: ObjectStore; readonly calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const entries = Object.entries(store).map(([name, call]) => {
    const counting = (...given: unknown[]) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return call(...given);
    };
    return [name, counting];
  });
  return { store: Object.fromEntries(entries) as ObjectStore, calls };
}
