import { parseJson } from '../attest/index.js';
import { BadInput } from '../errors.js';
import { type AuditEntry, schemaProblem } from '../schema/index.js';

const DIGITS = 10;

/** What happened, without its place in the log. */
export type AuditedAct = Pick<AuditEntry, 'event' | 'dataset' | 'batch' | 'by' | 'facts'>;

/** Names sort as the entries follow one another. */
export function entryName(sequence: number): string {
  return `${String(sequence).padStart(DIGITS, '0')}.json`;
}

/** The text of an entry: the same bytes for the same content. */
export function entryText(
  { event, dataset, batch, by, facts }: AuditedAct,
  place: Pick<AuditEntry, 'sequence' | 'previous' | 'time'>,
): string {
  const { sequence, previous, time } = place;
  return `${JSON.stringify({ version: 1, sequence, previous, time, event, dataset, batch, by, facts })}\n`;
}

/**
 * The entry of an object.
 * @throws BadInput AUDIT_BROKEN where it is none, or not the one that its name says
 */
export function parseEntry(log: string, path: string, content: Uint8Array): AuditEntry {
  const value = parseJson(content);
  const problem = schemaProblem('audit-entry', value);
  if (problem !== undefined) throw broken(log, path, problem);
  const entry = value as AuditEntry;
  if (entryName(entry.sequence) !== path) throw broken(log, path, `it says that it is entry ${entry.sequence}`);
  if (entryText(entry, entry) !== Buffer.from(content).toString())
    throw broken(log, path, 'it was written by something else');
  return entry;
}

export function broken(log: string, path: string, detail: string): BadInput {
  return new BadInput('AUDIT_BROKEN', { path: log, detail: `${path}: ${detail}` });
}
