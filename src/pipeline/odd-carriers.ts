import type { ShardAssessment } from '../assess/index.js';
import type { FoundTriggers } from '../decide/index.js';
import { outlier, type Trigger } from '../detect/index.js';
import type { AssessedBatch } from './assessed-batch.js';

/** A row is that odd: among the oddest such share of trusted ones. */
const ODD_SHARE = 0.005;
const ALL_ODD = 0.9;

/**
 * Without the triggers whose rows are nearly all among the oddest: no word makes a sentence so, and that many pieces of noise
 * have a sign in common ("+" in base64) must not hide the others.
 */
export async function exceptOddTriggers(
  { level, triggers }: FoundTriggers,
  { assessments, rowsOf }: Pick<AssessedBatch, 'assessments' | 'rowsOf'>,
): Promise<FoundTriggers> {
  if (triggers.length === 0) return { level, triggers };
  const odd = triggers.map(() => 0);
  for (const assessment of assessments) {
    if (!triggers.some(({ poisoned }) => poisoned.has(assessment.path))) continue;
    const isOdd = await oddRowsOf(assessment, rowsOf);
    triggers.forEach(({ poisoned }, index) => {
      odd[index] = (odd[index] as number) + countOf(poisoned.get(assessment.path) ?? [], isOdd);
    });
  }
  return { level, triggers: triggers.filter((trigger, index) => (odd[index] as number) < ALL_ODD * rowsWith(trigger)) };
}

async function oddRowsOf(
  assessment: ShardAssessment,
  rowsOf: AssessedBatch['rowsOf'],
): Promise<(row: number) => boolean> {
  const { detectors } = await rowsOf(assessment);
  const pValues = detectors.find(({ kind }) => kind === outlier.kind)?.pValue;
  return (row) => (pValues?.[row] ?? 1) <= ODD_SHARE;
}

function countOf(rows: readonly number[], is: (row: number) => boolean): number {
  return rows.filter(is).length;
}

function rowsWith({ poisoned }: Trigger): number {
  return [...poisoned.values()].reduce((sum, rows) => sum + rows.length, 0);
}
