import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Crew, type WarmAssessor, warmAssessor, writeBaseline } from '../src/assess/index.js';
import { decodeBaseline, type OpenBaseline, openBaseline } from '../src/baseline/index.js';
import { type JudgedBy, type OpenPlan, openPlan, readFit } from '../src/batch/index.js';
import { type Backend, startBackend } from '../src/linear/index.js';
import type { WorkMeter } from '../src/service/index.js';
import type { ObjectStore } from '../src/store/index.js';

/** All that a plan needs, opened once for many shards. */
export interface Workbench {
  readonly plan: OpenPlan;
  readonly backend: Backend;
  /** Of this bench alone; gone with it. */
  readonly folder: string;
  /** Null before anything is fitted. */
  readonly opened: OpenBaseline | null;
  /** Of shards, by processes of the crew. */
  readonly assessor: WarmAssessor;
  /** Started when they are needed, and then ready for whatever is next. */
  readonly crew: Crew;
}

export interface Workbenches {
  /** Runs `work` with the bench. @throws as openPlan and openBaseline; BadInput RECORD_DAMAGED where the fit is another */
  use<T>(vault: string, judgedBy: JudgedBy, work: (bench: Workbench) => Promise<T>): Promise<T>;
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
    // Each batch without a baseline has a bench of its own: what lies there must not gather.
    const clear = ({ crew, folder }: Workbench) => crew.stop().then(() => rm(folder, { recursive: true, force: true }));
    await bench.then(clear).catch(() => {});
  };
  const closeIdle = async () => {
    const idle = [...entries].filter(([, { users }]) => users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) await close(key, entry);
  };
  return {
    use: async (vault, judgedBy, work) => {
      const { plan, fit } = judgedBy;
      // Several plans may be fitted to the same bytes.
      const key = JSON.stringify([vault, plan, fit?.sha256]);
      const entry = entries.get(key) ?? { bench: openBench({ store, scratch, onSpent }, vault, judgedBy), users: 0 };
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
  judgedBy: JudgedBy,
): Promise<Workbench> {
  const plan = await openPlan(store, vault, judgedBy.plan);
  const backend = await startBackend(plan.backend);
  await mkdir(scratch, { recursive: true });
  // Another one each time: the last may still be cleared away.
  const folder = await mkdtemp(join(scratch, 'bench-'));
  try {
    const opened = await openJudge(store, vault, plan, judgedBy);
    const baselineFile = opened === null ? null : await writeBaseline(folder, opened.baseline);
    const { limits } = plan.policy;
    const columns = opened?.named ?? plan.columns;
    const crew = new Crew(limits);
    const assessor = warmAssessor({ crew, baselineFile, folder, backend, columns, limits, onSpent });
    return { plan, backend, folder, opened, assessor, crew };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function openJudge(
  store: ObjectStore,
  vault: string,
  plan: OpenPlan,
  { batch, fit }: JudgedBy,
): Promise<OpenBaseline | null> {
  if (plan.baselineUri !== null) return openBaseline(store, plan.baselineUri, plan.columns);
  if (fit === undefined) return null;
  const content = await readFit(store, vault, { batch, plan: plan.name, fit });
  return { baseline: decodeBaseline(content, `fit ${fit.sha256}`), named: plan.columns, artefact: null };
}
