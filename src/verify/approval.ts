import { APPROVAL_ENDING, checkApproval, type GivenApproval, type Trust } from '../attest/index.js';
import { BadInput } from '../errors.js';
import type { ApprovableKind } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

/** Whose signatures a file has to have before anything is judged by it. */
export interface ApprovalDemand {
  /** Undefined: nobody's. */
  readonly trust: Trust | undefined;
  /** Undefined where nobody has said which. */
  readonly dataset: string | undefined;
}

export interface FileToApprove {
  readonly kind: ApprovableKind;
  /** For messages; undefined where none is given. */
  readonly path: string | undefined;
  /** Undefined for what no signature can name: rows, or nothing. */
  readonly sha256: string | undefined;
}

/**
 * The approval of a file where the trust policy asks for one; `read` gives what lies beside it.
 * @throws BadInput APPROVAL_REFUSED, USAGE where nobody has said which dataset it is for
 */
export function requireApproval(
  { kind, path, sha256 }: FileToApprove,
  { trust, dataset }: ApprovalDemand,
  content: Uint8Array | undefined,
  now = Date.now(),
): GivenApproval | undefined {
  if (trust === undefined || trust.requireApproval[kind] === undefined) return undefined;
  const refuse = (detail: string) => new BadInput('APPROVAL_REFUSED', { kind, path: path ?? '(none)', detail });
  if (dataset === undefined) {
    throw new BadInput('USAGE', { detail: `the trust policy asks for a signed ${kind}: say for which --dataset` });
  }
  if (path === undefined) throw refuse('none is given, and the trust policy asks for a signed one');
  if (sha256 === undefined) throw refuse('these are rows, and the trust policy asks for a built and signed baseline');
  const checked = checkApproval(content, { trust, kind, dataset, sha256, now });
  if ('problem' in checked) throw refuse(checked.problem);
  return checked;
}

/**
 * The same for a baseline that has been opened: the digest is that of what is judged by.
 * @throws as requireApproval; Transient READ_FAILED
 */
export async function requireApprovedBaseline(
  store: ObjectStore,
  { path, artefact }: { readonly path: string | undefined; readonly artefact: string | null },
  demand: ApprovalDemand,
): Promise<GivenApproval | undefined> {
  if (demand.trust?.requireApproval.baseline === undefined) return undefined;
  const content = path === undefined || artefact === null ? undefined : await readApproval(store, path);
  return requireApproval({ kind: 'baseline', path, sha256: artefact ?? undefined }, demand, content);
}

/** What lies beside a file; undefined where nothing does. @throws Transient READ_FAILED */
export async function readApproval(store: ObjectStore, path: string): Promise<Uint8Array | undefined> {
  const end = path.lastIndexOf('/');
  const object = await store.find(end < 0 ? '.' : path.slice(0, end + 1), `${path.slice(end + 1)}${APPROVAL_ENDING}`);
  return object && store.read(object.uri, object.version);
}
