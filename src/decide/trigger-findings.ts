import type { Trigger } from '../detect/index.js';
import type { Named } from './named.js';
import type { Finding } from './types.js';

/** What was looked for and found, and at which level. */
export interface FoundTriggers {
  readonly level: number;
  readonly triggers: readonly Trigger[];
}

const REFERENCES = ['MITRE ATLAS AML.T0020', 'MITRE ATLAS AML.T0043.004', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.023'];

/** Each trigger as a finding that holds the shards with its carriers and points at all of them. */
export function nameTriggers({ triggers }: FoundTriggers): Named[] {
  const taken = new Set<string>();
  return triggers.map((trigger, index) => {
    const id = `trigger/item/${taken.has(trigger.subject) ? `${index + 1}/` : ''}${trigger.subject}`;
    taken.add(trigger.subject);
    return nameTrigger(trigger, id);
  });
}

function nameTrigger({ subject, summary, pValue, carriers, trustedRows, contradicted }: Trigger, id: string): Named {
  const { count, rows } = carriers;
  const finding: Finding = {
    id,
    kind: 'trigger',
    scope: 'item',
    subject,
    pValue,
    excessRows: { estimate: count, low: Math.max(1, count - trustedRows), high: count },
    evidence: { summary, numbers: { rows: count, trustedRows, contradicted } },
    references: REFERENCES,
    holds: true,
  };
  const shards = new Set(rows.keys());
  const selection = { finding: id, kind: 'trigger', rows: count, where: { shards, listed: rows }, pValue, words: `carries "${subject}"` };
  return { finding, isWholeBatch: false, shards, sources: new Set(), selections: [selection] };
}
