import { below } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { Transient } from '../errors.js';
import type { ServiceCheck } from '../schema/index.js';
import { isETag, isS3Uri, type ObjectStore, type StoredObject } from '../store/index.js';
import { advice, type Excess, fine, orProblem, problem } from './check.js';
import { checkCopies } from './copies.js';
import { checkInPlace } from './in-place.js';
import { checkRemoval, PROBE, PROBE_CONTENT } from './refused.js';

const TURN_ON = 'Turn versioning on, and allow s3:ListBucketVersions: then shards are judged as they were sealed.';
const WRITTEN = ['vault', 'released', 'quarantine'] as const;

/** Whether these credentials may do in the roots of a dataset what a worker does there. */
export async function checkRoots(
  store: ObjectStore,
  dataset: Dataset,
  excess: Excess = advice,
): Promise<ServiceCheck[]> {
  const subjectOf = (root: string) => `datasets.${dataset.name}.${root}`;
  const checks = await orProblem(subjectOf('incoming'), () => checkIncoming(store, dataset, subjectOf('incoming')));
  const baseline = subjectOf('baseline');
  checks.push(...(await orProblem(baseline, () => checkBaseline(store, dataset, baseline))));
  for (const root of WRITTEN) {
    const subject = subjectOf(root);
    checks.push(...(await orProblem(subject, () => checkWriting(store, dataset[root], subject, excess))));
  }
  return [...checks, ...(await checkCopies(store, dataset)), ...(await checkInPlace(store, dataset, excess))];
}

async function checkBaseline(store: ObjectStore, { baseline }: Dataset, subject: string): Promise<ServiceCheck[]> {
  if (baseline === null) return [];
  const [object] = await store.list(baseline);
  if (object !== undefined) await readABit(store, object);
  return [fine(subject, `${baseline} can be read`)];
}

/** To list is one right, to read another. @throws Transient READ_FAILED, ACCESS_DENIED */
async function readABit(store: ObjectStore, { uri, version }: StoredObject): Promise<void> {
  for await (const _ of store.stream(uri, version)) break;
}

async function checkIncoming(store: ObjectStore, { incoming }: Dataset, subject: string): Promise<ServiceCheck[]> {
  const [first] = await store.folders(incoming);
  if (first === undefined) {
    const empty = `${incoming} holds no batch yet`;
    const unread = advice(subject, empty, 'Look again when one has arrived: whether it can be read is known then.');
    return [unread, ...(await bucketChecks(store, incoming, subject))];
  }
  const [object] = await store.list(below(incoming, first));
  if (object !== undefined) await readABit(store, object);
  const readable = fine(subject, `${incoming} can be read`);
  if (!isS3Uri(incoming) || object === undefined) return [readable];
  // Where there is no version id an ETag takes its place.
  const keepsVersions = object.version !== undefined && !isETag(object.version);
  if (keepsVersions) return [readable, fine(subject, 'keeps versions')];
  const message = 'its bucket keeps no versions, or these credentials may not list them';
  return [readable, advice(subject, message, TURN_ON)];
}

/** Of a bucket in which nothing lies yet that would show it. */
async function bucketChecks(store: ObjectStore, root: string, subject: string): Promise<ServiceCheck[]> {
  try {
    const isKept = await store.keepsVersions(root);
    if (isKept === undefined) return [];
    return [isKept ? fine(subject, 'keeps versions') : advice(subject, 'its bucket keeps no versions', TURN_ON)];
  } catch (error) {
    if (!(error instanceof Transient && error.code === 'ACCESS_DENIED')) throw error;
    const remedy = 'Let these credentials s3:GetBucketVersioning, or look again when a batch has arrived.';
    return [advice(subject, 'whether its bucket keeps versions is not told to these credentials', remedy)];
  }
}

/** Workers rest on it that of two who write one name one is refused. */
async function checkWriting(
  store: ObjectStore,
  root: string,
  subject: string,
  excess: Excess,
): Promise<ServiceCheck[]> {
  await store.folders(root);
  await store.create(root, PROBE, PROBE_CONTENT);
  const probe = await store.find(root, PROBE);
  if (probe === undefined) {
    return [problem(subject, `what is written to ${root} is not there`, 'Use a store that shows objects at once.')];
  }
  const isOverwritten = await store.create(root, PROBE, PROBE_CONTENT);
  // Workers must not be allowed to remove anything: then it stays, and does no harm.
  const removal = await checkRemoval(store, root, probe, subject, excess);
  const versions = versionsCheck(root, probe, subject);
  if (!isOverwritten) {
    const written = `${root} can be read and written to, and a second write is refused`;
    return [fine(subject, written), ...versions, ...removal];
  }
  const remedy = 'Use a store that honours If-None-Match: without it workers overwrite what others have decided.';
  return [problem(subject, `${root} lets a second write of the same name through`, remedy), ...versions, ...removal];
}

/** Whoever may write an object may write over it: only versions keep what was there. */
function versionsCheck(root: string, { version }: { readonly version?: string }, subject: string): ServiceCheck[] {
  if (!isS3Uri(root) || (version !== undefined && !isETag(version))) return [];
  const remedy = 'Turn versioning on: then what somebody writes over is still there, and workers cannot remove it.';
  return [advice(subject, `the bucket of ${root} keeps no versions`, remedy)];
}
