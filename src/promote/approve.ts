import {
  approvalPayload,
  checkApproval,
  countedSigners,
  type GivenApproval,
  keyIdOf,
  openApproval,
  publicKeyOf,
  type SigningKey,
  signedBy,
  type Trust,
} from '../attest/index.js';
import { openBaseline, peekArtefact } from '../baseline/index.js';
import {
  addPromotion,
  below,
  currentBaseline,
  currentJudgement,
  isSettled,
  readRecords,
  storedBaseline,
} from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { auditPromotion, standings } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import type { Candidate } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { candidateFolder, readCandidate } from './candidate.js';

export interface Approved {
  readonly candidate: Candidate;
  /** Names of the approvers so far. */
  readonly signers: readonly string[];
  readonly needed: number;
  /** True once batches are judged by it. */
  readonly isPromoted: boolean;
}

export interface ApproveRequest {
  readonly sha256: string;
  readonly key: SigningKey;
  readonly reason: string;
}

/**
 * Adds an approver's signature to a candidate; with as many as the trust policy asks for it becomes the dataset's baseline.
 * @throws BadInput PROMOTION_REFUSED, also where another baseline has come into use since; RECORD_DAMAGED; Transient
 * READ_FAILED, WRITE_FAILED
 */
export async function approve(
  store: ObjectStore,
  dataset: Dataset,
  { sha256, key, reason }: ApproveRequest,
): Promise<Approved> {
  const { trust, vault, name } = dataset;
  const candidate = await readCandidate(store, dataset, sha256);
  const rule = trust?.requireApproval.baseline;
  if (trust === null || rule === undefined) throw refused('the trust policy of the dataset names nobody who may');
  const approver = approverOf(trust, name, key);
  const current = await currentBaseline(store, dataset);
  if (current.sha256 !== candidate.last)
    throw refused(`it was compared with ${candidate.last}, by now ${current.sha256} is in use`);
  requireNext(candidate, current.given);
  await requireStored(store, vault, sha256);
  await requireSameBatches(store, dataset, candidate);
  const { number, first, created } = candidate;
  const facts = { kind: 'baseline', dataset: name, version: number, sha256, first } as const;
  const payload = approvalPayload(facts, `${sha256}.taster`, new Date(created));
  const own = Buffer.from(signedBy(payload, key));
  await auditPromotion(store, dataset, approver, {
    step: 'approved',
    baseline: sha256,
    number,
    reason,
    signature: sha256Of(own),
  });
  await store.create(vault, `${candidateFolder(sha256)}/approvals/${keyIdOf(publicKeyOf(key))}.json`, own);
  const needed = rule.signatures ?? 1;
  const joined = await joinApprovals(store, vault, sha256, payload);
  const expected = { trust, kind: 'baseline', dataset: name, sha256, now: Date.now() } as const;
  const checked = checkApproval(joined, expected);
  if ('problem' in checked) return { candidate, signers: countedSigners(joined, expected), needed, isPromoted: false };
  await promote(store, dataset, candidate, joined);
  return { candidate, signers: checked.signers, needed, isPromoted: true };
}

/** What is signed is taken from the candidate, which nobody has signed yet. */
function requireNext({ number, first }: Candidate, last: GivenApproval | undefined): void {
  if (number !== (last?.version ?? 0) + 1) throw refused(`it is version ${number}, and ${last?.version} is in use`);
  if (first !== last?.first) throw refused(`it names ${first} as the first baseline, which is ${last?.first}`);
}

/**
 * What approvers approve of is what was built: whoever may write to the vault could have put another there.
 * @throws BadInput PROMOTION_REFUSED, ARTEFACT_…; Transient READ_FAILED
 */
async function requireStored(store: ObjectStore, vault: string, sha256: string): Promise<void> {
  const uri = await storedBaseline(store, vault, sha256);
  if (uri === undefined) throw refused(`the baseline ${sha256} is not in the vault`);
  const stored = await peekArtefact(store, uri);
  if (stored.sha256 !== sha256) throw refused(`${uri} holds the baseline ${stored.sha256}`);
  // Its header says what it is, not that the rest is whole.
  await openBaseline(store, uri, { ids: [] });
}

/** What was recalled, or a rescan has condemned since, or is about to, is not learnt from. */
async function requireSameBatches(
  store: ObjectStore,
  { vault, approvals }: Pick<Dataset, 'vault' | 'approvals'>,
  { batches }: Candidate,
): Promise<void> {
  for (const { name, decision } of batches) {
    const records = await readRecords(store, vault, name);
    if (standings(records, approvals).some(({ isRecalled }) => isRecalled)) {
      throw refused(`batch ${name}, which it is made of, was recalled`);
    }
    if (isSettled(records) && currentJudgement(records)?.decision === decision) continue;
    throw refused(`batch ${name}, which it is made of, was judged again since, or is about to be`);
  }
}

async function promote(
  store: ObjectStore,
  dataset: Dataset,
  { sha256, number, last }: Candidate,
  approval: Uint8Array,
) {
  await auditPromotion(store, dataset, null, {
    step: 'promoted',
    baseline: sha256,
    number,
    last,
    approval: sha256Of(approval),
  });
  if (await addPromotion(store, dataset.vault, number, approval)) return;
  // Of two last approvers at the same moment one comes second, with the same baseline.
  if ((await currentBaseline(store, dataset)).sha256 === sha256) return;
  throw refused(`another baseline has become version ${number} meanwhile`);
}

function approverOf(trust: Trust, dataset: string, key: SigningKey): string {
  const id = keyIdOf(publicKeyOf(key));
  const known = trust.approvers.find(
    ({ key: anchor, kinds }) => kinds.has('baseline') && 'asymmetricKeyType' in anchor && keyIdOf(anchor) === id,
  );
  if (known === undefined || known.isRevoked) throw refused(`this key may not approve of baselines of ${dataset}`);
  return known.name;
}

/** All signatures of the same statement as one approval. */
async function joinApprovals(store: ObjectStore, vault: string, sha256: string, payload: Uint8Array): Promise<Buffer> {
  const objects = await store.list(below(vault, candidateFolder(sha256), 'approvals'));
  const signatures = [];
  let payloadType = '';
  for (const { uri, version } of objects) {
    const opened = openApproval(await store.read(uri, version));
    // What signs anything else is no approval of this.
    if ('problem' in opened || !opened.signed.payload.equals(payload)) continue;
    signatures.push(...opened.signed.envelope.signatures);
    payloadType = opened.signed.envelope.payloadType;
  }
  const envelope = { payloadType, payload: Buffer.from(payload).toString('base64'), signatures };
  return Buffer.from(`${JSON.stringify(envelope, null, 2)}\n`);
}

function refused(detail: string): BadInput {
  const remedy = 'Look at it with `taster baseline promote <dataset> --candidate <digest>`, or propose another one.';
  return new BadInput('PROMOTION_REFUSED', { detail, remedy });
}
