import { below } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { Transient } from '../errors.js';
import { missingDenials, VERDICT_TAG } from '../permissions/index.js';
import type { ServiceCheck } from '../schema/index.js';
import type { ObjectStore, StoredObject } from '../store/index.js';
import { advice, type Excess, fine, orProblem, problem } from './check.js';

/** Rules go by none of that name. */
const TRIED = { key: 'taster-doctor', value: 'tried' } as const;
/** As many as are looked through for a shard that is not released. */
const MOST_SHARDS = 100;

/** In place all rests on tags: whether these credentials set them and read them back, and whether the bucket goes by them. */
export async function checkInPlace(store: ObjectStore, dataset: Dataset, excess: Excess): Promise<ServiceCheck[]> {
  if (dataset.placement !== 'in-place') return [];
  const subject = `datasets.${dataset.name}.placement`;
  return [
    ...(await orProblem(subject, async () => [await checkTags(store, dataset, subject)])),
    ...(await orProblem(subject, () => checkAccessPolicy(store, dataset, subject, excess))),
  ];
}

async function checkTags(store: ObjectStore, { incoming }: Dataset, subject: string): Promise<ServiceCheck> {
  const shard = await findUnreleased(store, incoming);
  if (shard === 'untaggable') {
    const remedy = 'Use a store that knows tags of objects, or placement copy.';
    return problem(subject, `the store of ${incoming} has no tags, on which placement in-place rests`, remedy);
  }
  if (shard === undefined) {
    const untried = `whether shards in ${incoming} can be tagged could not be tried: none lies there that is not released`;
    return advice(subject, untried, 'Look again when a batch has arrived.');
  }
  const { uri, version } = shard;
  await store.tag(uri, version, { [TRIED.key]: TRIED.value });
  const told = await store.tags(uri, version);
  await store.tag(uri, version, { [TRIED.key]: null });
  if (told?.[TRIED.key] === TRIED.value) {
    return fine(subject, `shards in ${incoming} can be tagged, and their tags are read back`);
  }
  const remedy = 'Use a store that shows tags of objects at once.';
  return problem(subject, `tags that are set in ${incoming} are not there when they are read`, remedy);
}

/** Who sets a tag sets all of them: what somebody holds at the same moment must not be released by that. */
async function findUnreleased(store: ObjectStore, incoming: string): Promise<StoredObject | 'untaggable' | undefined> {
  let looked = 0;
  for (const folder of await store.folders(incoming)) {
    for (const shard of await store.list(below(incoming, folder))) {
      const tags = await store.tags(shard.uri, shard.version);
      if (tags === undefined) return 'untaggable';
      if (tags[VERDICT_TAG.key] !== VERDICT_TAG.released) return shard;
      if (++looked >= MOST_SHARDS) return undefined;
    }
  }
  return undefined;
}

async function checkAccessPolicy(
  store: ObjectStore,
  dataset: Dataset,
  subject: string,
  excess: Excess,
): Promise<ServiceCheck[]> {
  const { incoming } = dataset;
  try {
    const missing = missingDenials(await store.accessPolicy(incoming), dataset);
    if (missing.length === 0) return [fine(subject, `the bucket of ${incoming} denies what no verdict releases`)];
    const message = `the bucket of ${incoming} does not deny what \`taster policy bucket\` prints (${missing.join(', ')})`;
    const remedy =
      'Set that as the policy of the bucket: else readers whom another policy allows more read what is not released.';
    return [excess(subject, message, remedy)];
  } catch (error) {
    if (!(error instanceof Transient && error.code === 'ACCESS_DENIED')) throw error;
    const remedy = 'Let these credentials s3:GetBucketPolicy, as `taster policy iam --role worker` prints.';
    return [advice(subject, `what the bucket of ${incoming} denies is not told to these credentials`, remedy)];
  }
}
