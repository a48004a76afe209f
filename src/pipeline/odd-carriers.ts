import type { ShardAssessment } from '../assess/index.js';
import type { FoundTriggers } from '../decide/index.js';
import { outlier, type Trigger } from '../detect/index.js';
import { type AssessedBatch, rowsIn } from './assessed-batch.js';

/** A row is odd that is among the oddest such share of trusted ones. */
const ODD_SHARE = 0.005;
const NEARLY_ALL = 0.9;
const DEVIATIONS = 2;

/**
 * Without the triggers whose rows are nearly all odd, where others are that lack them: no word makes a sentence so, and that
 * many pieces of noise have a sign in common ("+" in base64) must not hide the others.
 */
export async function exceptOddTriggers(found: FoundTriggers, batch: AssessedBatch): Promise<FoundTriggers> {
  if (found.triggers.length === 0) return found;
  const odd = await oddRowsOf(batch);
  const areOdd = ({ poisoned }: Trigger) => placesOf(poisoned).filter((place) => odd.has(place)).length;
  const noise = found.triggers.filter((one) => areOdd(one) >= NEARLY_ALL * placesOf(one.poisoned).length);
  const explained = new Set(noise.flatMap(({ poisoned }) => placesOf(poisoned)));
  const others = [...odd].filter((place) => !explained.has(place)).length;
  const usual = ODD_SHARE * (rowsIn(batch) - explained.size);
  if (others <= usual + DEVIATIONS * Math.sqrt(usual)) return found;
  return { ...found, triggers: found.triggers.filter((one) => !noise.includes(one)) };
}

async function oddRowsOf({ assessments, rowsOf }: AssessedBatch): Promise<ReadonlySet<string>> {
  const odd = new Set<string>();
  for (const assessment of assessments) {
    if (!assessment.isJudged) continue;
    for (const row of await oddRowsIn(assessment, rowsOf)) odd.add(placeOf(assessment.path, row));
  }
  return odd;
}

async function oddRowsIn(assessment: ShardAssessment, rowsOf: AssessedBatch['rowsOf']): Promise<number[]> {
  const { detectors } = await rowsOf(assessment);
  const pValues = detectors.find(({ kind }) => kind === outlier.kind)?.pValue ?? [];
  return [...pValues.keys()].filter((row) => (pValues[row] as number) <= ODD_SHARE);
}

function placesOf(rows: Trigger['poisoned']): string[] {
  return [...rows].flatMap(([path, own]) => own.map((row) => placeOf(path, row)));
}

function placeOf(path: string, row: number): string {
  return `${row} ${path}`;
}
