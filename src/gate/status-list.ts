import {
  type Anchor,
  envelopeText,
  openEnvelope,
  parseJson,
  publicKeyOf,
  type SigningKey,
  seal,
  signersOf,
  type Trust,
  weighSigners,
} from '../attest/index.js';
import { type RecalledBatch, type StatusList, schemaProblem } from '../schema/index.js';
import { findNamed, type ObjectStore } from '../store/index.js';

const STATUS_TYPE = 'application/vnd.taster.status+json';

/** A list of recalled batches under the signature of a key. */
export function statusListText(list: Omit<StatusList, 'version'>, key: SigningKey): string {
  return envelopeText(seal(Buffer.from(JSON.stringify({ version: 1, ...list })), [key], STATUS_TYPE));
}

/** The list that a key itself has signed, whatever its age; or why there is none. */
export function ownStatusList(content: Uint8Array, key: SigningKey) {
  return openStatusList(content, [{ key: publicKeyOf(key) }], 0);
}

function openStatusList<Signer extends { readonly key: Anchor }>(
  content: Uint8Array,
  verifiers: readonly Signer[],
  now: number,
): { readonly list: StatusList; readonly signers: readonly Signer[] } | { readonly problem: string } {
  const opened = openEnvelope(parseJson(content), STATUS_TYPE);
  if ('problem' in opened) return { problem: `it is no signed list: ${opened.problem}` };
  const signers = signersOf(opened, verifiers, now);
  if (signers.length === 0) return { problem: 'no trusted key has signed it as it is' };
  const value = parseJson(opened.payload);
  const problem = schemaProblem('status', value);
  return problem === undefined ? { list: value as StatusList, signers } : { problem };
}

/** A list that is named and not there. */
const MISSING = 'missing';
const NOT_GIVEN =
  'no status list was given, and a batch may have been recalled: `taster recall --status <file> --key <key>` writes one; ' +
  'only a trust policy that says "requireStatus": false does without';
/** Undefined where none is named. */
export type GivenStatus = Uint8Array | typeof MISSING | undefined;

/** The list that somebody names, if any. @throws Transient READ_FAILED */
export async function readStatusList(store: ObjectStore, path: string | undefined): Promise<GivenStatus> {
  if (path === undefined) return undefined;
  const found = await findNamed(store, path);
  return found === undefined ? MISSING : store.read(found.uri, found.version);
}

/** Everything by which a status list keeps a batch from training; nothing where it lets it be. */
export function statusProblems(
  content: GivenStatus,
  { sha256, dataset }: Pick<RecalledBatch, 'sha256' | 'dataset'>,
  { trust, now }: { readonly trust: Trust; readonly now: number },
): string[] {
  if (content === MISSING) return ['the status list is not there: a batch may have been recalled'];
  if (content === undefined) return trust.requiresStatus ? [NOT_GIVEN] : [];
  const opened = openStatusList(content, trust.verifiers, now);
  if ('problem' in opened) return [`the status list: ${opened.problem}`];
  const { list, signers } = opened;
  const { doubts } = weighSigners(signers, { dataset, signed: Date.parse(list.issued), now });
  const recalled = list.recalled.find((batch) => batch.sha256 === sha256);
  return [
    ...doubts.map(({ summary }) => `the status list: ${summary}`),
    // A time that is none compares as false: it must not make a list last for ever.
    ...(now < Date.parse(list.expires) ? [] : [`the status list is too old: it expired at ${list.expires}`]),
    ...(recalled === undefined ? [] : [`it was recalled at ${recalled.recalled}: ${recalled.reason}`]),
  ];
}
