import type { Finding } from '../decide/types.js';

/** True where findings of smaller scope say the same more precisely; what no test has made says something of its own. */
export function isNamedElsewhere({ kind, scope, subject, pValue }: Finding, findings: readonly Finding[]): boolean {
  if (pValue === null) return false;
  const same = findings.filter((other) => other.kind === kind && other.holds);
  if (scope === 'batch') return same.some((other) => other.scope !== 'batch');
  if (scope === 'shard-class') {
    return same.some((other) => other.scope === 'shard' && subject.startsWith(`${other.subject}: `));
  }
  return false;
}
