import { readLog } from '../audit/index.js';
import { below, parseRecord } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { Candidate } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';

/**
 * The whole digest of the candidate that begins like this.
 * @throws BadInput PROMOTION_REFUSED where none does, or several do; Transient READ_FAILED
 */
export async function findCandidate(
  store: ObjectStore,
  { vault, name }: Pick<Dataset, 'vault' | 'name'>,
  start: string,
): Promise<string> {
  const [found, another] = (await store.folders(below(vault, 'candidates'))).filter((sha256) =>
    sha256.startsWith(start),
  );
  if (found === undefined) throw noCandidate(name, start);
  if (another === undefined) return found;
  const detail = `dataset ${name} has several candidates that begin with ${start}: ${found}, ${another}`;
  throw new BadInput('PROMOTION_REFUSED', { detail, remedy: 'Give more digits of the one that is meant.' });
}

function noCandidate(name: string, sha256: string): BadInput {
  const remedy = `Propose one: \`taster baseline promote ${name}\`.`;
  return new BadInput('PROMOTION_REFUSED', { detail: `dataset ${name} has no candidate ${sha256}`, remedy });
}

/**
 * What was found of a candidate when it was proposed, as the audit log says: whoever may write to the vault could have put
 * something else there. The whole log is read, as a broken one says nothing.
 * @throws BadInput PROMOTION_REFUSED, RECORD_DAMAGED, AUDIT_BROKEN; Transient READ_FAILED
 */
export async function readCandidate(
  store: ObjectStore,
  { vault, name }: Pick<Dataset, 'vault' | 'name'>,
  sha256: string,
): Promise<Candidate> {
  const path = candidatePath(sha256);
  const object = await store.find(vault, path);
  if (object === undefined) throw noCandidate(name, sha256);
  const content = await store.read(object.uri, object.version);
  const candidate = parseRecord<Candidate>(content, object.uri, 'candidate');
  if (candidate.sha256 !== sha256 || candidate.dataset !== name) {
    throw new BadInput('RECORD_DAMAGED', { path, detail: 'it is of another candidate' });
  }
  await requireProposed(store, vault, sha256, sha256Of(content));
  return candidate;
}

/** A proposal that was cut off and made again has two entries. */
async function requireProposed(store: ObjectStore, vault: string, sha256: string, digest: string): Promise<void> {
  const { entries } = await readLog(store, below(vault, 'audit'));
  const isProposed = entries.some(
    ({ event, facts }) =>
      event === 'promotion' &&
      facts['step'] === 'proposed' &&
      facts['baseline'] === sha256 &&
      facts['candidate'] === digest,
  );
  if (isProposed) return;
  throw new BadInput('PROMOTION_REFUSED', {
    detail: 'what was written down of it is not what the audit log says was proposed',
    remedy: 'Find out who has changed it, and propose another one.',
  });
}

export function candidateFolder(sha256: string): string {
  return `candidates/${sha256}`;
}

export function candidatePath(sha256: string): string {
  return `${candidateFolder(sha256)}/candidate.json`;
}
