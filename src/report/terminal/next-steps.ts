import { safeText } from '../../safe-text.js';
import { nextSteps } from '../next-steps.js';
import type { ScanOutcome } from '../types.js';
import { count } from '../wording.js';
import { type Canvas, paragraph, section } from './layout.js';

function splitParts({ split }: ScanOutcome): string[] {
  if (split === undefined) return [];
  const { clean, withheld } = split.rows;
  const folder = safeText(split.folder);
  return clean + withheld === 0
    ? []
    : [
        `Held shards in parts: ${count(clean, 'row')} to train on in ${folder}/clean, ${count(withheld, 'row')} to keep back in ${folder}/withheld.`,
      ];
}

/** What a person does with this report, and where the rest of it is. */
export function nextStepsSection(canvas: Canvas, outcome: ScanOutcome, folder: string | undefined): string[] {
  const files =
    folder === undefined
      ? 'Add --out DIR for a page to read (report.html), the whole report (report.json) and a score for every row (rows.arrow).'
      : `Written to ${safeText(folder)}: report.html (a page to read), report.json (the whole report), rows.arrow (a score for every row).`;
  return section(
    canvas,
    'Next',
    [...nextSteps(outcome), ...splitParts(outcome), files].flatMap((step) => paragraph(canvas, step, 4, '  -')),
  );
}
