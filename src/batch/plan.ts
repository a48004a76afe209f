import { peekArtefact } from '../baseline/index.js';
import { type Dataset, version } from '../config/index.js';
import type { Policy } from '../decide/index.js';
import { type NamedColumns, namedByContract } from '../encode/index.js';
import { BadInput, Bug, Transient } from '../errors.js';
import type { Plan } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { parseContract } from '../verify/index.js';
import { parseRecord, recordBytes } from './record-text.js';

/** A plan as its judgements need it. */
export interface OpenPlan {
  readonly name: string;
  readonly backend: Plan['backend'];
  readonly columns: NamedColumns;
  readonly policy: Policy;
  /** Digest of the trust policy; null without one. */
  readonly trust: string | null;
  /** Where its built baseline lies; null: a batch is judged against itself. */
  readonly baselineUri: string | null;
}

/**
 * Puts everything that judgements of a dataset follow from now, the baseline as well, into its vault, so that workers need
 * nothing else and a changed configuration changes no judgement half way; returns the plan's name.
 * @throws BadInput as peekArtefact; Transient READ_FAILED, WRITE_FAILED
 */
export async function storePlan(store: ObjectStore, dataset: Dataset, backend: Plan['backend']): Promise<string> {
  const { vault, columns, contract, policy } = dataset;
  const trust = dataset.trust?.sha256 ?? null;
  const baseline = dataset.baseline === null ? null : await storeBaseline(store, vault, dataset.baseline);
  const plan: Plan = { version: 1, taster: version, backend, baseline, columns, contract, policy, trust };
  const content = recordBytes(plan);
  const name = sha256Of(content);
  await store.create(vault, planPath(name), content);
  return name;
}

async function storeBaseline(store: ObjectStore, vault: string, path: string): Promise<string> {
  const { sha256 } = await peekArtefact(store, path);
  const target = baselinePath(sha256);
  if ((await store.find(vault, target)) === undefined) {
    for (const { uri, version: pinned } of await store.list(path)) {
      await store.create(vault, target, await store.read(uri, pinned));
    }
  }
  return sha256;
}

/** True where a plan compares batches with a baseline. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function hasBaseline(store: ObjectStore, vault: string, name: string): Promise<boolean> {
  return (await readPlan(store, vault, name)).baseline !== null;
}

/**
 * The plan of that name.
 * @throws BadInput RECORD_DAMAGED; Transient PLAN_OF_OTHER_VERSION, READ_FAILED
 */
export async function openPlan(store: ObjectStore, vault: string, name: string): Promise<OpenPlan> {
  const plan = await readPlan(store, vault, name);
  if (plan.taster !== version) throw new Transient('PLAN_OF_OTHER_VERSION', { plan: name, version: plan.taster });
  return {
    name,
    backend: plan.backend,
    columns: namedColumns(plan, name),
    policy: plan.policy as Policy,
    trust: plan.trust,
    baselineUri: plan.baseline === null ? null : (await findObject(store, vault, baselinePath(plan.baseline))).uri,
  };
}

async function readPlan(store: ObjectStore, vault: string, name: string): Promise<Plan> {
  const content = await readObject(store, vault, planPath(name));
  if (sha256Of(content) !== name) throw damaged(`${vault}/${planPath(name)}`, 'it is not what its name says');
  return parseRecord<Plan>(content, planPath(name), 'plan');
}

function namedColumns({ contract, columns }: Plan, name: string): NamedColumns {
  if (contract === null) return { ...columns, ids: [] };
  const parsed = parseContract(contract);
  if ('problems' in parsed) throw damaged(planPath(name), parsed.problems.join('; '));
  return namedByContract(parsed.contract);
}

async function readObject(store: ObjectStore, vault: string, path: string): Promise<Uint8Array> {
  return store.read((await findObject(store, vault, path)).uri);
}

/** @throws Bug where nothing of that name is there: jobs name only what was written before */
async function findObject(store: ObjectStore, vault: string, path: string) {
  const object = await store.find(vault, path);
  if (object === undefined) throw new Bug(`${vault} has no ${path}`);
  return object;
}

function damaged(path: string, detail: string): BadInput {
  return new BadInput('RECORD_DAMAGED', { path, detail });
}

const planPath = (name: string) => `plans/${name}.json`;
const baselinePath = (sha256: string) => `baselines/${sha256}.taster`;
