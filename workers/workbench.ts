import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type WarmAssessor, warmAssessor, writeBaseline } from '../src/assess/index.js';
import { type OpenBaseline, openBaseline } from '../src/baseline/index.js';
import { type OpenPlan, openPlan } from '../src/batch/index.js';
import { type Backend, startBackend } from '../src/linear/index.js';
import type { WorkMeter } from '../src/service/index.js';
import type { ObjectStore } from '../src/store/index.js';

/** All that a plan needs, opened once for many shards. */
export interface Workbench {
  readonly plan: OpenPlan;
  readonly backend: Backend;
  /** Of this plan alone. */
  readonly folder: string;
  /** Null where a batch is judged against itself. */
  readonly trusted: { readonly opened: OpenBaseline; readonly assessor: WarmAssessor } | null;
}

export interface Workbenches {
  /** Runs `work` with the plan's bench. @throws as openPlan and openBaseline */
  use<T>(vault: string, plan: string, work: (bench: Workbench) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Baselines are large: of those that nobody uses so many are kept open. */
const MOST_IDLE = 2;

interface Entry {
  readonly bench: Promise<Workbench>;
  users: number;
}

/** Benches in a scratch folder, opened when they are first needed; `meter` is told what assessing takes. */
export function openWorkbenches(
  store: ObjectStore,
  scratch: string,
  { onSpent }: Pick<WorkMeter, 'onSpent'>,
): Workbenches {
  const entries = new Map<string, Entry>();
  const close = async (key: string, { bench }: Entry) => {
    entries.delete(key);
    await bench.then(({ trusted }) => trusted?.assessor.stop()).catch(() => {});
  };
  const closeIdle = async () => {
    const idle = [...entries].filter(([, { users }]) => users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) await close(key, entry);
  };
  return {
    use: async (vault, plan, work) => {
      const key = `${plan} ${vault}`;
      const entry = entries.get(key) ?? { bench: openBench({ store, scratch, onSpent }, vault, plan), users: 0 };
      // Put last: the first are those that were not used for longest.
      entries.delete(key);
      entries.set(key, entry);
      entry.users++;
      try {
        return await work(await entry.bench);
      } catch (error) {
        const isOpen = await entry.bench.then(
          () => true,
          () => false,
        );
        // What could not be opened is tried anew next time.
        if (!isOpen && entries.get(key) === entry) entries.delete(key);
        throw error;
      } finally {
        entry.users--;
        await closeIdle();
      }
    },
    stop: async () => {
      await Promise.all([...entries].map(([key, entry]) => close(key, entry)));
    },
  };
}

async function openBench(
  { store, scratch, onSpent }: Pick<WorkMeter, 'onSpent'> & { readonly store: ObjectStore; readonly scratch: string },
  vault: string,
  name: string,
): Promise<Workbench> {
  const plan = await openPlan(store, vault, name);
  const backend = await startBackend(plan.backend);
  const folder = join(scratch, name);
  if (plan.baselineUri === null) return { plan, backend, folder, trusted: null };
  await mkdir(folder, { recursive: true });
  const opened = await openBaseline(store, plan.baselineUri, plan.columns);
  const baselineFile = await writeBaseline(folder, opened.baseline);
  const { limits } = plan.policy;
  const assessor = warmAssessor({ baselineFile, folder, backend, columns: opened.named, limits, onSpent });
  return { plan, backend, folder, trusted: { opened, assessor } };
}
