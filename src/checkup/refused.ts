import { below, isEnforced, readRecords, readSeal, sealedBatches } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { standings } from '../enforce/index.js';
import { Transient } from '../errors.js';
import type { Role } from '../permissions/index.js';
import type { ServiceCheck } from '../schema/index.js';
import { isS3Uri, type ObjectStore, type StoredObject } from '../store/index.js';
import { advice, type Excess, fine, orProblem, problem } from './check.js';

/** Begins like a marker: no data, wherever it lies. */
export const PROBE = '_doctor';
export const PROBE_CONTENT = Buffer.from('{}\n');

/** Whose credentials are tried beside those of the worker. */
export type OtherRole = Exclude<Role, 'worker'>;

/** As many as are looked through for a shard that is held. */
const MOST_BATCHES = 500;

const ROOTS = ['incoming', 'released', 'quarantine', 'vault'] as const;
/** In which there may be a probe. */
const KEPT = ['released', 'quarantine', 'vault'] as const;
type Root = (typeof ROOTS)[number];

interface Refused {
  readonly reads: readonly Root[];
  /** `results`: what decisions are made of, for those who may write elsewhere in the vault. */
  readonly writes: readonly (Root | 'results')[];
  readonly removes: readonly (typeof KEPT)[number][];
}

/** What each must be refused (docs/operations.md, "Who may do what"). */
const REFUSED: Readonly<Record<OtherRole, Refused>> = {
  uploader: { reads: KEPT, writes: KEPT, removes: KEPT },
  reviewer: { reads: ['released'], writes: ROOTS, removes: KEPT },
  operator: { reads: [], writes: ['incoming', 'released', 'quarantine', 'results'], removes: KEPT },
  approver: { reads: ['incoming'], writes: ['incoming', 'released', 'quarantine', 'results'], removes: KEPT },
  recaller: { reads: [], writes: ['incoming', 'released', 'results'], removes: ['quarantine', 'vault'] },
  trainer: { reads: ['incoming', 'quarantine', 'vault'], writes: ROOTS, removes: KEPT },
  scanner: { reads: KEPT, writes: ROOTS, removes: KEPT },
  auditor: { reads: ROOTS, writes: ROOTS, removes: KEPT },
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
    await store.create(root, name, PROBE_CONTENT);
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
  excess: Excess,
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
      return [excess(subject, `these credentials may write to ${root}, which workers must not`, remedy)];
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
  excess: Excess,
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
  return [excess(subject, `these credentials may remove objects from ${root}, which workers must not`, remedy)];
}

/** What the credentials of another role must be refused; `store` is as that role sees it, `worker` made the probes. */
export async function checkRoleRefused(
  worker: ObjectStore,
  store: ObjectStore,
  role: OtherRole,
  dataset: Dataset,
): Promise<ServiceCheck[]> {
  const subject = `datasets.${dataset.name}, ${role}`;
  const checks: ServiceCheck[] = [];
  for (const { root, may, attempt } of attemptsOf(worker, store, role, dataset).filter((one) => isS3Uri(one.root))) {
    const tried = await orProblem(subject, async () => {
      const refused = await attempt();
      if (refused === undefined) return [untried(subject, root)];
      if (refused) return [fine(subject, `is refused to ${may} ${root}, as it must be`)];
      const remedy = `Give the ${role} what \`taster policy iam --role ${role}\` prints and no more.`;
      return [problem(subject, `may ${may} ${root}, which it must not`, remedy)];
    });
    checks.push(...tried);
  }
  return checks;
}

interface Attempt {
  readonly root: string;
  readonly may: string;
  /** Undefined where it could not be tried. */
  readonly attempt: () => Promise<boolean | undefined>;
}

function attemptsOf(worker: ObjectStore, store: ObjectStore, role: OtherRole, dataset: Dataset): Attempt[] {
  const { reads, writes, removes } = REFUSED[role];
  // In place, what approvers build baselines of lies where it arrived.
  const isReader = (root: Root) => role === 'approver' && root === 'incoming' && dataset.placement === 'in-place';
  const addressOf = (root: Root | 'results') => (root === 'results' ? below(dataset.vault, root) : dataset[root]);
  return [
    ...reads
      .filter((root) => !isReader(root))
      .map((root) => ({
        root: dataset[root],
        may: 'read',
        attempt: () =>
          root === 'incoming'
            ? readUnreleased(worker, store, dataset)
            : tryProbe(worker, dataset[root], ({ uri, version }) => store.read(uri, version)),
      })),
    ...writes.map(addressOf).map((root) => ({
      root,
      may: 'write to',
      attempt: () => isWriteRefused(store, root, `${PROBE}-${role}`, [store, worker]),
    })),
    ...removes.map((root) => ({
      root: dataset[root],
      may: 'remove objects from',
      attempt: () => tryProbe(worker, dataset[root], ({ uri, version }) => store.remove(uri, version)),
    })),
  ];
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
async function tryProbe(
  worker: ObjectStore,
  root: string,
  attempt: (probe: Pick<StoredObject, 'uri' | 'version'>) => Promise<unknown>,
): Promise<boolean> {
  await worker.create(root, PROBE, PROBE_CONTENT);
  const probe = await worker.find(root, PROBE);
  if (probe === undefined) throw new Transient('READ_FAILED', { path: root, detail: 'the probe is not there' });
  try {
    return await isRefused(() => attempt(probe));
  } finally {
    await worker.remove(probe.uri, probe.version).catch(() => {});
  }
}
