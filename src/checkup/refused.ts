import { below, isEnforced, readRecords, readSeal, sealedBatches } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { standings } from '../enforce/index.js';
import { Transient } from '../errors.js';
import type { ServiceCheck } from '../schema/index.js';
import { isS3Uri, type ObjectStore, type StoredObject } from '../store/index.js';
import { advice, fine, orProblem, problem } from './check.js';

/** Begins like a marker: no data, wherever it lies. */
export const PROBE = '_doctor';

/** Whose credentials are tried beside those of the worker. */
export type OtherRole = 'uploader' | 'reviewer' | 'trainer';

/** As many as are looked through for a shard that is held. */
const MOST_BATCHES = 500;

const ROOTS = ['incoming', 'released', 'quarantine', 'vault'] as const;
type Root = (typeof ROOTS)[number];

/** What each must be refused (docs/operations.md, "Who may do what"). */
const REFUSED: Readonly<Record<OtherRole, { readonly reads: readonly Root[]; readonly writes: readonly Root[] }>> = {
  uploader: { reads: ['released', 'quarantine', 'vault'], writes: ['released', 'quarantine', 'vault'] },
  reviewer: { reads: ['released'], writes: ROOTS },
  trainer: { reads: ['incoming', 'quarantine', 'vault'], writes: ROOTS },
};

/** True where the store says that it may not be: wrong credentials, or a store that fails, say nothing of that. */
async function isRefused(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch (error) {
    const cause = error instanceof Transient && error.code === 'ACCESS_DENIED' ? error.cause : undefined;
    if (cause instanceof Error && cause.name === 'AccessDenied') return true;
    throw error;
  }
}

/** Tries to make a probe below a root, and takes it away where that has been possible, by whoever may. */
function isWriteRefused(store: ObjectStore, root: string, name: string, removers: readonly ObjectStore[]) {
  return isRefused(async () => {
    await store.create(root, name, Buffer.from('{}\n'));
    for (const remover of removers) {
      const probe = await remover.find(root, name).catch(() => undefined);
      if (probe !== undefined) await remover.remove(probe.uri, probe.version).catch(() => {});
    }
  });
}

/** What the credentials of a worker must be refused: writing where batches arrive or baselines lie, and in `protectedRoots`. */
export async function checkWorkerRefused(
  store: ObjectStore,
  { name, incoming, baseline }: Dataset,
  protectedRoots: readonly string[],
): Promise<ServiceCheck[]> {
  const beside = baseline === null ? [] : [baseline.slice(0, baseline.lastIndexOf('/'))];
  const checks: ServiceCheck[] = [];
  for (const root of [incoming, ...beside, ...protectedRoots].filter(isS3Uri)) {
    const subject = `datasets.${name}`;
    const tried = await orProblem(subject, async () => {
      if (await isWriteRefused(store, root, PROBE, [store])) {
        return [fine(subject, `these credentials are refused to write to ${root}, as they must be`)];
      }
      const remedy = 'Give workers what `taster policy iam --role worker` prints and no more.';
      return [advice(subject, `these credentials may write to ${root}, which workers must not`, remedy)];
    });
    checks.push(...tried);
  }
  return checks;
}

/** Removing is tried on the probe that a worker has made. */
export async function checkRemoval(
  store: ObjectStore,
  root: string,
  probe: { readonly uri: string; readonly version?: string },
  subject: string,
): Promise<ServiceCheck[]> {
  const remove = () => store.remove(probe.uri, probe.version);
  if (!isS3Uri(root)) {
    await remove().catch(() => {});
    return [];
  }
  if (await isRefused(remove)) {
    return [fine(subject, `these credentials are refused to remove anything from ${root}, as they must be`)];
  }
  const remedy =
    'Give workers what `taster policy iam --role worker` prints and no more: whoever takes over a worker could remove evidence.';
  return [advice(subject, `these credentials may remove objects from ${root}, which workers must not`, remedy)];
}

/** What the credentials of another role must be refused; `store` is as that role sees it, `worker` made the probes. */
export async function checkRoleRefused(
  worker: ObjectStore,
  store: ObjectStore,
  role: OtherRole,
  dataset: Dataset,
): Promise<ServiceCheck[]> {
  const subject = `datasets.${dataset.name}, ${role}`;
  const attempts = [
    ...REFUSED[role].reads.map((root) => ({
      root,
      may: 'read',
      attempt: () =>
        root === 'incoming' ? readUnreleased(worker, store, dataset) : readProbe(worker, store, dataset[root]),
    })),
    ...REFUSED[role].writes.map((root) => ({
      root,
      may: 'write to',
      attempt: () => isWriteRefused(store, dataset[root], `${PROBE}-${role}`, [store, worker]),
    })),
  ];
  const checks: ServiceCheck[] = [];
  for (const { root, may, attempt } of attempts.filter((one) => isS3Uri(dataset[one.root]))) {
    const tried = await orProblem(subject, async () => {
      const refused = await attempt();
      if (refused === undefined) return [untried(subject, dataset[root])];
      if (refused) return [fine(subject, `is refused to ${may} ${dataset[root]}, as it must be`)];
      const remedy = `Give the ${role} what \`taster policy iam --role ${role}\` prints and no more.`;
      return [problem(subject, `may ${may} ${dataset[root]}, which it must not`, remedy)];
    });
    checks.push(...tried);
  }
  return checks;
}

function untried(subject: string, root: string): ServiceCheck {
  const message = `whether it is refused to read ${root} could not be tried: nothing that it must not read lies there`;
  return advice(subject, message, 'Look again when a batch has arrived; in place, when something of one is held.');
}

/** No probe can be made where batches arrive: what has arrived is tried. Undefined where there is nothing of that. */
async function readUnreleased(worker: ObjectStore, store: ObjectStore, dataset: Dataset): Promise<boolean | undefined> {
  const object = await (dataset.placement === 'in-place' ? firstHeld : firstArrived)(worker, dataset);
  if (object === undefined) return undefined;
  return isRefused(() => store.read(object.uri, object.version));
}

type Unreleased = Pick<StoredObject, 'uri' | 'version'> | undefined;

async function firstArrived(worker: ObjectStore, { incoming }: Dataset): Promise<Unreleased> {
  const [folder] = await worker.folders(incoming);
  return folder === undefined ? undefined : (await worker.list(below(incoming, folder)))[0];
}

/** In place, training reads by the tags of shards: one that a decision holds has another. */
async function firstHeld(worker: ObjectStore, { vault, approvals }: Dataset): Promise<Unreleased> {
  for (const batch of (await sealedBatches(worker, vault)).slice(-MOST_BATCHES)) {
    const records = await readRecords(worker, vault, batch);
    const held = isEnforced(records) ? standings(records, approvals).find(isHeld) : undefined;
    const seal = held && (await readSeal(worker, vault, batch));
    const shard = seal?.shards.find(({ path }) => path === held?.path);
    if (shard !== undefined) return shard;
  }
  return undefined;
}

function isHeld({ standing, sha256 }: ReturnType<typeof standings>[number]): boolean {
  return sha256 !== null && ['held', 'rejected', 'recalled'].includes(standing);
}

/** An object that is there: of what is not there every answer may be a refusal. */
async function readProbe(worker: ObjectStore, store: ObjectStore, root: string): Promise<boolean> {
  await worker.create(root, PROBE, Buffer.from('{}\n'));
  const probe = await worker.find(root, PROBE);
  if (probe === undefined) throw new Transient('READ_FAILED', { path: root, detail: 'the probe is not there' });
  try {
    return await isRefused(() => store.read(probe.uri, probe.version));
  } finally {
    await worker.remove(probe.uri, probe.version).catch(() => {});
  }
}
