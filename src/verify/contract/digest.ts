import { createHash } from 'node:crypto';
import type { Contract } from '../../schema/index.js';

/** SHA-256 of the content in canonical form; `inferred` and `$schema` are no content. */
export function contractDigest({ inferred: _, $schema: __, ...content }: Contract): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** Source: RFC 8785 (JCS), but that lone surrogates, which it refuses, are escaped as JSON.stringify does. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
