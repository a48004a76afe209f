import type { Dataset } from '../config/index.js';
import { VERDICT_TAG } from '../permissions/index.js';
import type { ServiceCheck } from '../schema/index.js';
import { isS3Uri, type ObjectStore, sha256Of } from '../store/index.js';
import { fine, orProblem, problem } from './check.js';
import { PROBE, PROBE_CONTENT } from './refused.js';

const COPY = `${PROBE}-copy`;
const TAGS = { [VERDICT_TAG.key]: VERDICT_TAG.quarantined };

/** Whether these credentials may copy on the side of the store and tag, as releasing and holding shards does. */
export async function checkCopies(store: ObjectStore, dataset: Dataset): Promise<ServiceCheck[]> {
  const { name, vault, released, quarantine, placement } = dataset;
  // In place, nothing is copied.
  if (placement === 'in-place' || ![vault, released, quarantine].every(isS3Uri)) return [];
  const checks: ServiceCheck[] = [];
  for (const [root, place] of [
    ['released', released],
    ['quarantine', quarantine],
  ] as const) {
    const subject = `datasets.${name}.${root}`;
    checks.push(...(await orProblem(subject, async () => [await checkCopy(store, vault, place, subject)])));
  }
  return checks;
}

async function checkCopy(store: ObjectStore, vault: string, root: string, subject: string): Promise<ServiceCheck> {
  await store.create(vault, PROBE, PROBE_CONTENT);
  const probe = await store.find(vault, PROBE);
  if (probe === undefined) return problem(subject, `what is written to ${vault} is not there`, NOT_THERE);
  const copy = () => store.copy(probe, root, COPY, sha256Of(PROBE_CONTENT), TAGS);
  try {
    await copy();
    const isOverwritten = await copy();
    const made = await store.find(root, COPY);
    if (made === undefined) return problem(subject, `what is copied to ${root} is not there`, NOT_THERE);
    await store.tag(made.uri, made.version, TAGS);
    if (!isOverwritten) return fine(subject, `${root} can be copied to and tagged, and a second copy is refused`);
    const remedy = 'Use a store that honours If-None-Match where an upload in parts ends: a copy must replace nothing.';
    return problem(subject, `${root} lets a second copy of the same name through`, remedy);
  } finally {
    // Workers must not be allowed to remove anything: then they stay, and do no harm.
    for (const [place, path] of [
      [root, COPY],
      [vault, PROBE],
    ] as const) {
      const left = await store.find(place, path).catch(() => undefined);
      if (left !== undefined) await store.remove(left.uri, left.version).catch(() => {});
    }
  }
}

const NOT_THERE = 'Use a store that shows objects at once.';
