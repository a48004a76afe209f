import type { Baseline } from '../baseline/index.js';
import { share, someOf } from '../count.js';
import { detectorOf, type Shift, shiftOf, type Tally } from '../detect/index.js';
import { sumOf } from '../linear/index.js';
import type { Outcomes } from './hierarchy.js';
import { detectorByClass, type Trial } from './scope.js';
import type { Finding } from './types.js';

/**
 * Advice that the batch as a whole lies elsewhere than the trusted rows, in some columns or in how often each label comes:
 * what a changed world looks like. It holds nothing, whatever the shift is.
 */
export function driftFinding(
  { batch: { tallies }, explained }: Pick<Outcomes, 'batch' | 'explained'>,
  baseline: Baseline,
  batch: string,
  columns: readonly Shift[],
): Finding | undefined {
  const labels = labelShift(tallies, baseline);
  const shifts = [...columns, ...(labels === undefined ? [] : [labels.shift])].sort((a, b) => b.index - a.index);
  if (shifts.length === 0 && explained.length === 0) return undefined;
  const named = shifts.map(({ name, index }) => `${name} (${index.toFixed(2)})`);
  const where =
    shifts.length === 0
      ? 'The rows of the batch lie elsewhere than the trusted ones, in no single column by much.'
      : `The batch differs from the trusted rows in ${someOf(named)}: population stability index, of which .1 is moderate and .25 is large.`;
  const sentences = [where, ...(labels === undefined ? [] : [labels.sentence]), ...explained.map(tellExplained)];
  return {
    id: `drift/batch/${batch}`,
    kind: 'drift',
    scope: 'batch',
    subject: batch,
    pValue: null,
    excessRows: null,
    evidence: { summary: sentences.join(' '), numbers: { shifted: shifts.length, greatest: shifts[0]?.index ?? 0 } },
    references: [],
    holds: false,
  };
}

function tellExplained({ kind, pValue }: Trial): string {
  return `More of its rows ${detectorOf(kind).claim} than of the trusted ones (p = ${pValue.toPrecision(2)}), as many as of trusted rows that lie where those of the batch do; it is not held for them.`;
}

/** How often each label comes, by detectors that count rows by class. */
function labelShift(tallies: readonly Tally[], baseline: Baseline): { shift: Shift; sentence: string } | undefined {
  const { classes, detectors, columns } = baseline;
  const index = detectorByClass(baseline);
  const [own, usual] = [tallies[index]?.calls, detectors[index]?.calibrations.at(-1)?.calls];
  if (own === undefined || usual === undefined) return undefined;
  const [batch, trusted] = [rowsByClass(own, classes.length), rowsByClass(usual, classes.length)];
  const name = columns.find(({ role }) => role === 'label')?.name ?? 'label';
  const shift = shiftOf(name, trusted, batch);
  if (shift === undefined) return undefined;
  const [all, trustedRows] = [sumOf(batch), sumOf(trusted)];
  const shares = classes.map((label, c) => ({
    label,
    own: (batch[c] as number) / all,
    usual: (trusted[c] as number) / trustedRows,
  }));
  const most = shares.reduce((a, b) => (Math.abs(b.own - b.usual) > Math.abs(a.own - a.usual) ? b : a));
  const sentence = `Most of all, ${share(most.own)} of its rows are labelled ${most.label}, where ${share(most.usual)} of the trusted ones are.`;
  return { shift, sentence };
}

function rowsByClass(calls: ReadonlyMap<number, number>, classes: number): Float64Array {
  const rows = new Float64Array(classes);
  for (const [pair, count] of calls) {
    const given = Math.floor(pair / classes);
    rows[given] = (rows[given] as number) + count;
  }
  return rows;
}
