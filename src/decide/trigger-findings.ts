import type { Trigger } from '../detect/index.js';
import type { Named } from './named.js';
import type { Finding } from './types.js';

/** What was looked for and found, and at which level. */
export interface FoundTriggers {
  readonly level: number;
  /** Least corrected p-value first. */
  readonly triggers: readonly Trigger[];
  /** That a trigger is found in, as fewestCarriers says; null when no number can be told. */
  readonly fewestRows: number | null;
}

export const NO_TRIGGERS: FoundTriggers = { level: 0, triggers: [], fewestRows: null };

const REFERENCES = [
  'MITRE ATLAS AML.T0020',
  'MITRE ATLAS AML.T0043.004',
  'OWASP LLM04:2025',
  'NIST AI 100-2 NISTAML.023',
];

/** Each trigger as a finding that holds the shards with its carriers and points at all of them. */
export function nameTriggers({ triggers }: FoundTriggers): Named[] {
  const taken = new Set<string>();
  return triggers.map((trigger, index) => {
    const id = `trigger/item/${taken.has(trigger.subject) ? `${index + 1}/` : ''}${trigger.subject}`;
    taken.add(trigger.subject);
    return nameTrigger(trigger, id);
  });
}

function nameTrigger(
  { subject, summary, pValue, carriers, poisoned, trustedRows, contradicted, graded }: Trigger,
  id: string,
): Named {
  const { count } = carriers;
  const rows = [...poisoned.values()].reduce((sum, own) => sum + own.length, 0);
  const finding: Finding = {
    id,
    kind: 'trigger',
    scope: 'item',
    subject,
    pValue,
    excessRows: { estimate: rows, low: Math.min(rows, Math.max(1, rows - (trustedRows ?? 0))), high: rows },
    evidence: { summary, numbers: { rows: count, ...(trustedRows !== null && { trustedRows }), contradicted } },
    references: REFERENCES,
    holds: true,
  };
  const shards = new Set(poisoned.keys());
  const selection = {
    finding: id,
    kind: 'trigger',
    rows,
    where: { shards, rows: new Map([...poisoned].map(([path, own]) => [path, new Set(own)])) },
    pValue,
    words: `carries "${subject}"`,
    ...(graded && { graded }),
  };
  return { finding, isWholeBatch: false, shards, sources: new Set(), selections: [selection] };
}
