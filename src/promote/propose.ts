import { tmpdir } from 'node:os';
import { buildBaseline } from '../baseline/index.js';
import { currentBaseline, keepBaseline, openPlan, recordBytes, storedBaseline, storePlan } from '../batch/index.js';
import { type Dataset, type ServiceConfig, version } from '../config/index.js';
import { auditPromotion } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import type { scan } from '../pipeline.js';
import type { BaselineComparison, Candidate } from '../schema/index.js';
import { type ObjectStore, sha256Of, withScratch } from '../store/index.js';
import { candidatePath } from './candidate.js';
import { type Comparand, compare } from './compare.js';
import { type GatherRequest, gatherRows } from './gather.js';

export interface Proposal extends Pick<GatherRequest, 'batches' | 'trusted'> {
  /** Who proposes it. */
  readonly by: string | null;
  readonly scan: typeof scan;
}

/**
 * Builds a baseline of released rows, compares it with itself, the last and the first one, and writes down what was found
 * for those who have to approve of it. Nothing is judged by it before they have.
 * @throws BadInput PROMOTION_REFUSED, APPROVAL_REFUSED, BATCH_UNKNOWN, as buildBaseline and scan; Transient READ_FAILED, WRITE_FAILED
 */
export async function propose(
  store: ObjectStore,
  dataset: Dataset,
  { backend }: Pick<ServiceConfig, 'backend'>,
  proposal: Proposal,
): Promise<Candidate> {
  const { vault, name } = dataset;
  const current = await currentBaseline(store, dataset);
  if (current.given === undefined || current.sha256 === null) {
    throw new BadInput('PROMOTION_REFUSED', {
      detail: `dataset ${name} has no signed baseline that another one could follow`,
      remedy:
        'Name approvers and requireApproval.baseline in its trust policy, and sign its first baseline: `taster sign`.',
    });
  }
  const { version: lastVersion, first } = current.given;
  const { columns, policy } = await openPlan(store, vault, await storePlan(store, dataset, backend));
  return withScratch(tmpdir(), async (folder) => {
    const { batches, trusted } = proposal;
    const gathered = await gatherRows(store, dataset, { batches, trusted, folder });
    const built = { trusted: folder, columns, backend, exemplars: false, taster: version };
    const { artefact } = await buildBaseline(store, built);
    const comparands = await findComparands(store, vault, current.sha256 ?? '', first ?? '');
    const comparisons: BaselineComparison[] = [];
    for (const comparand of comparands) {
      const request = {
        batch: [folder],
        columns,
        policy: { ...policy, mode: 'enforce' as const },
        backend,
        processes: 0,
      };
      comparisons.push(await compare(proposal.scan, comparand, request));
    }
    const candidate: Candidate = {
      version: 1,
      dataset: name,
      number: lastVersion + 1,
      sha256: artefact.sha256,
      last: current.sha256 ?? '',
      first: first ?? '',
      created: new Date().toISOString(),
      ...gathered,
      comparisons,
    };
    await keep(store, dataset, candidate, artefact.bytes, proposal.by);
    return candidate;
  });
}

async function findComparands(store: ObjectStore, vault: string, last: string, first: string): Promise<Comparand[]> {
  const named =
    last === first
      ? ([['last', last]] as const)
      : ([
          ['last', last],
          ['first', first],
        ] as const);
  const found: Comparand[] = [{ with: 'itself', baseline: null }];
  for (const [name, sha256] of named) {
    const uri = await storedBaseline(store, vault, sha256);
    if (uri === undefined) {
      const detail = `the ${name} baseline, ${sha256}, is not in the vault any more`;
      const remedy = 'Put it back: without it nobody can tell how far the candidate has moved.';
      throw new BadInput('PROMOTION_REFUSED', { detail, remedy });
    }
    found.push({ with: name, baseline: { uri, sha256 } });
  }
  return found;
}

async function keep(
  store: ObjectStore,
  dataset: Dataset,
  candidate: Candidate,
  bytes: Uint8Array,
  by: string | null,
): Promise<void> {
  const { sha256, number, last, first, rows } = candidate;
  const remedy = `Approve of it: \`taster baseline promote ${dataset.name} --candidate ${sha256}\`.`;
  const known = new BadInput('PROMOTION_REFUSED', { detail: `candidate ${sha256} was proposed before`, remedy });
  // The log tells of no proposal that could not be written.
  if ((await store.find(dataset.vault, candidatePath(sha256))) !== undefined) throw known;
  const content = recordBytes(candidate);
  const facts = { step: 'proposed', baseline: sha256, number, last, first, rows, candidate: sha256Of(content) };
  await auditPromotion(store, dataset, by, facts);
  await keepBaseline(store, dataset.vault, { sha256, bytes });
  if (!(await store.create(dataset.vault, candidatePath(sha256), content))) throw known;
}
