import { type GivenApproval, openApproval } from '../attest/index.js';
// Past its index, which brings all of scoring with it: whoever queues a batch waits for nothing else as long.
import { peekArtefact } from '../baseline/artefact/peek.js';
import { type Dataset, version } from '../config/index.js';
import type { Policy } from '../decide/index.js';
import type { NamedColumns } from '../encode/index.js';
import { BadInput, Bug, Transient } from '../errors.js';
import type { Contract, Plan } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { parseContract, readApproval, requireApproval } from '../verify/index.js';
import { keepVersions } from './approved.js';
import { below } from './names.js';
import { lastPromotion } from './promotions.js';
import { parseRecord, recordBytes } from './record-text.js';
import { noteRules } from './rules.js';

/** A plan as its judgements need it. */
export interface OpenPlan {
  readonly name: string;
  readonly backend: Plan['backend'];
  readonly columns: NamedColumns;
  readonly policy: Policy;
  readonly contract: Contract | null;
  /** Digest of the trust policy; null without one. */
  readonly trust: string | null;
  /** Where its built baseline lies; null: a batch is judged against itself. */
  readonly baselineUri: string | null;
}

/**
 * Puts everything that judgements of a dataset follow from now, the baseline as well, into its vault, so that workers need
 * nothing else and a changed configuration changes no judgement half way; the audit log says where it follows from other
 * rules than the last one. Returns the plan's name.
 * @throws BadInput as peekArtefact, noteRules; Transient READ_FAILED, WRITE_FAILED
 */
export async function storePlan(store: ObjectStore, dataset: Dataset, backend: Plan['backend']): Promise<string> {
  const { vault, columns, contract, policy } = dataset;
  const trust = dataset.trust?.sha256 ?? null;
  const { sha256: baseline, approval, isPromoted } = await storeBaseline(store, dataset);
  const signed = approval === null ? {} : { approval };
  const plan: Plan = { version: 1, taster: version, backend, baseline, ...signed, columns, contract, policy, trust };
  const content = recordBytes(plan);
  const name = sha256Of(content);
  await store.create(vault, planPath(name), content);
  await noteRules(store, dataset, {
    plan: name,
    policy: sha256Of(recordBytes(policy)),
    contract: contract && sha256Of(recordBytes(contract)),
    trust,
    ...(isPromoted ? {} : { baseline }),
  });
  return name;
}

interface StoredBaseline {
  readonly sha256: string | null;
  readonly isPromoted: boolean;
  /** Digest of what approves it, where that is asked for. */
  readonly approval: string | null;
}

/** The baseline that batches of a dataset are judged by from now on. */
export interface CurrentBaseline {
  /** False: it is the one that is configured. */
  readonly isPromoted: boolean;
  /** Null: batches are judged against themselves. */
  readonly sha256: string | null;
  /** What approves it; undefined where nothing has to. */
  readonly given: GivenApproval | undefined;
  readonly content: Uint8Array | undefined;
}

/**
 * Puts the baseline that is configured, or the one promoted since, into the vault.
 * @throws BadInput APPROVAL_REFUSED, RECORD_DAMAGED, as peekArtefact; Transient READ_FAILED, WRITE_FAILED
 */
export async function currentBaseline(store: ObjectStore, dataset: Dataset): Promise<CurrentBaseline> {
  const { vault, baseline: path, name, trust } = dataset;
  const demand = { trust: trust ?? undefined, dataset: name };
  const isAsked = trust?.requireApproval.baseline !== undefined;
  const content = path === null || !isAsked ? undefined : await readApproval(store, path);
  const promoted = isAsked ? await lastPromotion(store, vault) : undefined;
  if (promoted !== undefined && promoted.version > versionOf(content)) {
    const path = `version ${promoted.version}`;
    const file = { kind: 'baseline', path, sha256: promoted.sha256, isKept: true } as const;
    return {
      isPromoted: true,
      sha256: promoted.sha256,
      given: requireApproval(file, demand, promoted.content),
      content: promoted.content,
    };
  }
  const sha256 = path === null ? null : (await peekArtefact(store, path)).sha256;
  const given = requireApproval(
    { kind: 'baseline', path: path ?? undefined, sha256: sha256 ?? undefined },
    demand,
    content,
  );
  if (path !== null && sha256 !== null) await copyInto(store, path, vault, baselinePath(sha256));
  return { isPromoted: false, sha256, given, content };
}

function versionOf(approval: Uint8Array | undefined): number {
  const opened = approval && openApproval(approval);
  return opened === undefined || 'problem' in opened ? 0 : opened.version;
}

async function storeBaseline(store: ObjectStore, dataset: Dataset): Promise<StoredBaseline> {
  const { isPromoted, sha256, given, content } = await currentBaseline(store, dataset);
  await keepVersions(store, dataset.vault, [...dataset.approved, ...(given === undefined ? [] : [given])]);
  if (sha256 === null || content === undefined) return { isPromoted, sha256, approval: null };
  const approval = sha256Of(content);
  await store.create(dataset.vault, approvalPath(sha256, approval), content);
  return { isPromoted, sha256, approval };
}

/** Where a built baseline lies in a vault; undefined where it does not. @throws Transient READ_FAILED */
export async function storedBaseline(store: ObjectStore, vault: string, sha256: string): Promise<string | undefined> {
  return (await store.find(vault, baselinePath(sha256)))?.uri;
}

/** Puts a built baseline there. @throws Transient WRITE_FAILED */
export async function keepBaseline(
  store: ObjectStore,
  vault: string,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  await store.create(vault, baselinePath(sha256), bytes);
}

async function copyInto(store: ObjectStore, path: string, vault: string, target: string): Promise<void> {
  if ((await store.find(vault, target)) !== undefined) return;
  for (const { uri, version: pinned } of await store.list(path)) {
    await store.create(vault, target, await store.read(uri, pinned));
  }
}

/**
 * Holds against the trust policy what was opened as the baseline of a plan: whoever may write to the vault could have put
 * another there.
 * @throws BadInput APPROVAL_REFUSED, RECORD_DAMAGED; Transient READ_FAILED
 */
export async function requirePlannedBaseline(
  store: ObjectStore,
  { name: dataset, vault, trust }: Pick<Dataset, 'name' | 'vault' | 'trust'>,
  plan: string,
  artefact: string | null,
): Promise<void> {
  const { baseline, approval } = await readPlan(store, vault, plan);
  if (baseline !== artefact) {
    throw damaged(below(vault, baselinePath(baseline ?? '')), `it holds the baseline ${artefact}`);
  }
  const content =
    baseline === null || !approval ? undefined : await readObject(store, vault, approvalPath(baseline, approval));
  const path = baseline === null ? undefined : baselinePath(baseline);
  const file = { kind: 'baseline', path, sha256: artefact ?? undefined, isKept: true } as const;
  requireApproval(file, { trust: trust ?? undefined, dataset }, content);
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
    columns: await namedColumns(plan, name),
    policy: plan.policy as Policy,
    contract: plan.contract,
    trust: plan.trust,
    baselineUri: plan.baseline === null ? null : (await findObject(store, vault, baselinePath(plan.baseline))).uri,
  };
}

async function readPlan(store: ObjectStore, vault: string, name: string): Promise<Plan> {
  const content = await readObject(store, vault, planPath(name));
  if (sha256Of(content) !== name) throw damaged(`${vault}/${planPath(name)}`, 'it is not what its name says');
  return parseRecord<Plan>(content, planPath(name), 'plan');
}

async function namedColumns({ contract, columns }: Plan, name: string): Promise<NamedColumns> {
  if (contract === null) return { ...columns, ids: [] };
  const parsed = parseContract(contract);
  if ('problems' in parsed) throw damaged(planPath(name), parsed.problems.join('; '));
  const { namedByContract } = await import('../encode/index.js');
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
const approvalPath = (sha256: string, approval: string) => `baselines/${sha256}.${approval}.sig`;
