import { readRecord } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { Candidate } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

/** What was written down of a candidate. @throws BadInput PROMOTION_REFUSED, RECORD_DAMAGED; Transient READ_FAILED */
export async function readCandidate(
  store: ObjectStore,
  { vault, name }: Pick<Dataset, 'vault' | 'name'>,
  sha256: string,
): Promise<Candidate> {
  const path = candidatePath(sha256);
  const candidate = await readRecord<Candidate>(store, vault, path, 'candidate');
  if (candidate === undefined) {
    const remedy = `Propose one: \`taster baseline promote ${name}\`.`;
    throw new BadInput('PROMOTION_REFUSED', { detail: `dataset ${name} has no candidate ${sha256}`, remedy });
  }
  if (candidate.sha256 === sha256 && candidate.dataset === name) return candidate;
  throw new BadInput('RECORD_DAMAGED', { path, detail: 'it is of another candidate' });
}

export function candidateFolder(sha256: string): string {
  return `candidates/${sha256}`;
}

export function candidatePath(sha256: string): string {
  return `${candidateFolder(sha256)}/candidate.json`;
}
