import { nextSteps } from '../next-steps.js';
import { safeText } from '../safe-text.js';
import type { ScanOutcome } from '../types.js';
import { type Canvas, paragraph, section } from './layout.js';

/** What a person does with this report, and where the rest of it is. */
export function nextStepsSection(canvas: Canvas, outcome: ScanOutcome, folder: string | undefined): string[] {
  const files =
    folder === undefined
      ? 'Add --out DIR for a page to read (report.html), the whole report (report.json) and a score for every row (rows.arrow).'
      : `Written to ${safeText(folder)}: report.html (a page to read), report.json (the whole report), rows.arrow (a score for every row).`;
  return section(
    canvas,
    'Next',
    [...nextSteps(outcome), files].flatMap((step) => paragraph(canvas, step, 4, '  -')),
  );
}
