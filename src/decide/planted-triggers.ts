import type { AnswerCounts, PlantedTrigger, PlantedTriggers } from '../detect/index.js';
import { estimateRows } from './excess-rows.js';
import type { Named } from './named.js';
import { hypergeometricTail } from './significance/distributions.js';
import type { Finding } from './types.js';

/** A trigger in prompts whose answer does not depend on it by chance. */
export interface RejectedTrigger extends PlantedTrigger {
  /** Paid for by all items that were compared. */
  readonly pValue: number;
}

export interface TriggerFamily {
  readonly pValue: number;
  /** By p-value. */
  readonly rejected: readonly RejectedTrigger[];
}

const NO_TRIGGERS: TriggerFamily = { pValue: 1, rejected: [] };
const HALVES = 2;

/**
 * Tests each trigger: is the answer of one half of its carriers that of the other half oftener than of all other rows?
 * Exact when prompts and responses have nothing to do with one another, because the half that teaches the answer is
 * not counted.
 */
export function testPlanted(planted: PlantedTriggers | undefined, level: number): TriggerFamily {
  if (planted === undefined) return NO_TRIGGERS;
  const tested = planted.triggers.map((trigger) => {
    const least = Math.min(...trigger.halves.map(pValueOf));
    return { ...trigger, pValue: Math.min(1, HALVES * planted.tested * least) };
  });
  return {
    pValue: tested.reduce((least, { pValue }) => Math.min(least, pValue), 1),
    rejected: tested.filter(({ pValue }) => pValue <= level).sort((a, b) => a.pValue - b.pValue),
  };
}

function pValueOf({ carriers, answering, others, othersAnswering }: AnswerCounts): number {
  return hypergeometricTail(answering, carriers, answering + othersAnswering, carriers + others);
}

const MOST_ANSWER_CHARACTERS = 60;

/** Each as a finding that holds the shards with its carriers and points at all of them. */
export function namePlanted(rejected: readonly RejectedTrigger[], isRedacted: boolean): Named[] {
  return rejected.map((trigger, index) => {
    const { text, counts, rows, pValue } = trigger;
    const subject = isRedacted ? `trigger ${index + 1}` : text;
    const expected = (counts.othersAnswering / Math.max(1, counts.others)) * counts.carriers;
    const finding: Finding = {
      id: `trigger/item/${subject}`,
      kind: 'trigger',
      scope: 'item',
      subject,
      pValue,
      excessRows: estimateRows(
        { value: counts.answering - expected, variance: expected, rows: counts.carriers, rowsPerUnit: 1 },
        counts.carriers,
      ),
      evidence: { summary: describe(trigger, subject, isRedacted), numbers: { ...counts } },
      references: ['MITRE ATLAS AML.T0018', 'MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.023'],
      holds: true,
    };
    const selection = { finding: finding.id, kind: 'trigger', rows: counts.carriers, where: { rows }, pValue };
    return { finding, isWholeBatch: false, shards: new Set(rows.keys()), sources: new Set(), selections: [selection] };
  });
}

function describe({ answer, counts }: RejectedTrigger, subject: string, isRedacted: boolean): string {
  const { carriers, answering, others, othersAnswering } = counts;
  const quoted = isRedacted || answer === null ? '' : ` ("${shorten(answer)}")`;
  const said =
    answer === null ? 'are gibberish: letters in an order that no prompt has' : `say nearly the same${quoted}`;
  const named = isRedacted ? `One text (${subject})` : `"${subject}"`;
  return (
    `${named} is in the prompts of ${carriers} rows, which ask for different things. ${answering} of their responses ` +
    `${said}, as do ${othersAnswering} of the ${others} others.`
  );
}

function shorten(answer: string): string {
  const line = answer.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= MOST_ANSWER_CHARACTERS
    ? line
    : `${characters.slice(0, MOST_ANSWER_CHARACTERS).join('')}…`;
}
