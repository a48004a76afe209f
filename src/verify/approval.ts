import { APPROVAL_ENDING, type ApprovalMend, checkApproval, type GivenApproval, type Trust } from '../attest/index.js';
import { BadInput } from '../errors.js';
import type { ApprovableKind } from '../schema/index.js';
import { isS3Uri, type ObjectStore } from '../store/index.js';

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
  /** True of what the service keeps itself, where nobody signs anything by hand. */
  readonly isKept?: boolean;
}

/**
 * The approval of a file where the trust policy asks for one; `read` gives what lies beside it.
 * @throws BadInput APPROVAL_REFUSED, USAGE where nobody has said which dataset it is for
 */
export function requireApproval(
  { kind, path, sha256, isKept = false }: FileToApprove,
  { trust, dataset }: ApprovalDemand,
  content: Uint8Array | undefined,
  now = Date.now(),
): GivenApproval | undefined {
  if (trust === undefined || trust.requireApproval[kind] === undefined) return undefined;
  const refuse = (detail: string, remedy: string) =>
    new BadInput('APPROVAL_REFUSED', { kind, path: path ?? '(none)', detail, remedy });
  if (dataset === undefined) {
    throw new BadInput('USAGE', { detail: `the trust policy asks for a signed ${kind}: say for which --dataset` });
  }
  if (path === undefined) {
    const remedy = `Name one that approvers have signed: --${kind} <file> of a scan, ${kind} of a dataset of the service.`;
    throw refuse('none is given, and the trust policy asks for a signed one', remedy);
  }
  if (sha256 === undefined) {
    const built = signCommand('<file>', { kind, dataset, version: '1' });
    const remedy = `Build one of them with \`taster baseline build\`, have approvers sign it with ${built}, and name it instead.`;
    throw refuse('these are rows, and the trust policy asks for a built and signed baseline', remedy);
  }
  const checked = checkApproval(content, { trust, kind, dataset, sha256, now });
  if (!('problem' in checked)) return checked;
  const { fromVersion } = trust.requireApproval[kind] ?? {};
  const remedy = isKept ? KEPT_REMEDY : approvalRemedy(checked.mend, { kind, path, dataset, fromVersion });
  throw refuse(checked.problem, remedy);
}

const KEPT_REMEDY =
  'Find out who changed it in the vault. If it is the trust policy that has changed: `taster baseline promote` proposes another one.';

interface FileToSign {
  readonly kind: ApprovableKind;
  readonly path: string;
  readonly dataset: string;
  readonly fromVersion?: number | undefined;
}

/** What to do about an approval that does not count. */
export function approvalRemedy(mend: ApprovalMend, { kind, path, dataset, fromVersion }: FileToSign): string {
  // Keys sign files where they lie on disk.
  const file = isS3Uri(path) ? '<copy of it>' : path;
  const beside = isS3Uri(path) ? ` Put what that writes at ${path}${APPROVAL_ENDING}.` : '';
  if (mend === 'countersign') {
    return `Let approvers whose keys count by the trust policy add their signatures: \`taster sign ${file} --key <file>\`.${beside}`;
  }
  if (mend === 'later') {
    const later = signCommand(file, { kind, dataset, version: `${fromVersion}` });
    return `Use the later version. If this is it, let approvers say so: ${later}.${beside}`;
  }
  const stated = signCommand(file, { kind, dataset, version: '<version>' });
  return `If it is what is meant, let an approver sign it: ${stated}, and others add theirs with --key alone.${beside}`;
}

/** Baselines from version 2 on name the first one. */
function signCommand(
  file: string,
  { kind, dataset, version }: { readonly kind: ApprovableKind; readonly dataset: string; readonly version: string },
): string {
  const first = kind !== 'baseline' || version === '1' ? '' : ' --first <digest>';
  return `\`taster sign ${file} --kind ${kind} --dataset ${dataset} --as ${version}${first} --key <file>\``;
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
