import { loadTrust } from '../config/index.js';
import { BadInput } from '../errors.js';
import {
  type Asker,
  type GateOutcome,
  gateRequest,
  type PassedShard,
  passGate,
  recordAnswer,
  recordUnanswered,
  verdictToFollow,
} from '../gate/index.js';
import { anyStore, sha256Of } from '../store/index.js';

/** What is to be trained on. */
export interface ReleasedRequest extends Asker {
  /** Folder or s3:// URI of shards. */
  readonly batch: string;
  /** Path of the trust policy: whose verdicts count. */
  readonly trust: string;
  /** Signed verdict, or the folder whose last one holds; the batch itself when left out. */
  readonly verdict?: string;
  /** Signed list of what was recalled. Only where the trust policy says `"requireStatus": false` may it be left out. */
  readonly status?: string;
  /** The stream that it must be about. */
  readonly dataset?: string;
  /** The batch lies where it arrived: what its verdict does not know is left alone. */
  readonly isInPlace?: boolean;
  /** When it is to count; now when left out. */
  readonly now?: Date;
}

/** A shard whose bytes are those that were judged and released. */
export interface ReleasedShard extends PassedShard {
  /** The bytes, verified again: a file may change after the gate. @throws BadInput GATE_REFUSED; Transient READ_FAILED */
  read(): Promise<Uint8Array>;
}

/**
 * The released shards of a batch, as `taster gate` lets them through, unless anything is wrong with any of them. With `audit`
 * the pass or refusal is in that log before they are given.
 * @throws BadInput GATE_REFUSED with every problem, VERDICT_UNUSABLE where there is no verdict, PATH_MISSING, TRUST_INVALID,
 * KEY_UNUSABLE, USAGE where `consumer` is named without `audit`, AUDIT_REFUSED; Transient READ_FAILED, WRITE_FAILED: the same
 * call may succeed later
 */
export async function released(request: ReleasedRequest): Promise<readonly ReleasedShard[]> {
  const { batch } = request;
  const { passed, problems } = await recordUnanswered(anyStore, batch, request, () => ask(request));
  if (problems.length > 0) throw refused(batch, problems.join('; '));
  return passed.map((shard) => ({ ...shard, read: () => readAgain(batch, shard) }));
}

async function ask(request: ReleasedRequest): Promise<GateOutcome> {
  const { batch, dataset, status, isInPlace, now = new Date() } = request;
  const trust = loadTrust(request.trust);
  const found = await verdictToFollow(anyStore, batch, request.verdict);
  const question = { batch, trust, dataset, status, isInPlace, now: now.getTime() };
  const outcome = await passGate(anyStore, await gateRequest(anyStore, found, question));
  await recordAnswer(anyStore, outcome, request);
  return outcome;
}

async function readAgain(batch: string, { path, uri, version, sha256 }: PassedShard): Promise<Uint8Array> {
  const content = await anyStore.read(uri, version);
  if (sha256Of(content) === sha256) return content;
  throw refused(batch, `${path}: its bytes are not those that were released`);
}

function refused(path: string, detail: string): BadInput {
  return new BadInput('GATE_REFUSED', { path, detail });
}
