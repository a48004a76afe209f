import { safeText } from '../safe-text.js';
import type { ScanOutcome } from '../types.js';
import { count } from '../wording.js';
import { type Canvas, paragraph, section } from './layout.js';

function advice({ decision }: ScanOutcome): string[] {
  if (decision.verdict === 'release' && decision.released) return ['Training may start.'];
  const someReleased = decision.shards.some(({ released }) => released);
  const conclusion = decision.released
    ? 'Look before training: in observe mode these findings hold nothing.'
    : `Do not train on this batch as it is${someReleased ? '; the released shards may be used without the held ones' : ''}.`;
  return [
    conclusion,
    'Look at the worst rows, ask where they came from, repair or remove them, and scan again.',
    'If the rows are right and the world has changed, add checked rows like them to the baseline.',
  ];
}

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
    [...advice(outcome), ...splitParts(outcome), files].flatMap((step) => paragraph(canvas, step, 4, '  -')),
  );
}
