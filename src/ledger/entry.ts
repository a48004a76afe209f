import type { ShardAssessment } from '../assess/index.js';
import { BadInput } from '../errors.js';
import { type LedgerEntry, type LedgerShard, schemaProblem } from '../schema/index.js';
import { sha256Of } from '../store/index.js';

/** What an entry says, without what follows from it. */
export type EntryContent = Pick<LedgerEntry, 'baseline' | 'policy' | 'tolerance' | 'shards' | 'accounts'>;

const VERSION = 1;

/** What a batch consists of, as far as it was judged. */
export function ledgerShards(judged: readonly ShardAssessment[]): LedgerShard[] {
  const shards = judged.flatMap(({ sha256, rows }) => (sha256 === null || rows === null ? [] : [{ sha256, rows }]));
  return shards.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
}

/** Digest of what a batch consists of, whatever its shards are called. */
export function batchDigest(shards: readonly LedgerShard[]): string {
  const digests = shards.map(({ sha256 }) => sha256).sort();
  return sha256Of(digests.join('/'));
}

/** Who vouched for a batch; empty where nobody was known to. */
export function signerOf({ accounts: [first] }: Pick<EntryContent, 'accounts'>): string {
  return first?.signer ?? '';
}

/** Name of the one object that a batch of a signer has for a baseline and a policy: others send it in vain. */
export function entryName(content: EntryContent): string {
  const { shards, baseline, policy } = content;
  const signer = signerOf(content);
  return sha256Of([batchDigest(shards), baseline, policy, ...(signer === '' ? [] : [signer])].join('/'));
}

/** The text of an entry: the same bytes for the same content. */
export function entryText({ baseline, policy, tolerance, shards, accounts }: EntryContent): string {
  const entry = { version: VERSION, batch: batchDigest(shards), baseline, policy, tolerance, shards, accounts };
  return `${JSON.stringify({ ...entry, sha256: sha256Of(JSON.stringify(entry)) })}\n`;
}

/**
 * The entry in an object of a ledger.
 * @throws BadInput LEDGER_UNUSABLE where it is none, was changed or is not called as its content says
 */
export function parseEntry(ledger: string, path: string, content: Uint8Array): LedgerEntry {
  const text = Buffer.from(content).toString('utf8');
  const value = parseJson(ledger, path, text);
  if (isNewer(value)) {
    const detail = `${path} was written by a newer version of Taster`;
    throw new BadInput('LEDGER_UNUSABLE', { path: ledger, detail, remedy: 'Update Taster.' });
  }
  const problem = schemaProblem('ledger-entry', value);
  if (problem !== undefined) throw damaged(ledger, path, problem);
  const entry = value as LedgerEntry;
  if (entryText(entry) !== text) throw damaged(ledger, path, 'its content does not have the digest that it states');
  if (`${entryName(entry)}.json` !== path) throw damaged(ledger, path, 'it is not called as its content says');
  return entry;
}

function parseJson(ledger: string, path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(ledger, path, 'it is not JSON', cause);
  }
}

function isNewer(value: unknown): boolean {
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  return typeof version === 'number' && version > VERSION;
}

/** An entry that was lost or changed in silence would let a source go, or accuse one. */
export function damaged(ledger: string, path: string, detail: string, cause?: unknown): BadInput {
  const remedy =
    'Put back the file as it was written, or take it away to forget what that batch has shown; a ledger holds nothing but its entries.';
  return new BadInput('LEDGER_UNUSABLE', { path: ledger, detail: `${path}: ${detail}`, remedy }, cause);
}
