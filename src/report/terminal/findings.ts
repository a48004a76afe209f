import type { Finding } from '../../decide/types.js';
import { safeText } from '../../safe-text.js';
import { isNamedElsewhere } from '../named-elsewhere.js';
import type { ScanOutcome } from '../types.js';
import { count, probability, titleOf } from '../wording.js';
import { type Canvas, paragraph, section } from './layout.js';

const MOST_FINDINGS = 10;
const INDENT = 5;

function figures({ pValue, holds }: Finding): string {
  const parts = [
    ...(pValue === null ? [] : [`p = ${probability(pValue)}.`]),
    ...(holds ? [] : ['Advice only: holds nothing back.']),
  ];
  return parts.join(' ');
}

function drawFinding(canvas: Canvas, finding: Finding, position: number): string[] {
  const { pen } = canvas;
  const words = safeText(titleOf(finding));
  const title = finding.holds ? pen.red(words) : pen.yellow(words);
  const numbers = figures(finding);
  return [
    ...paragraph(canvas, title, INDENT, `${String(position).padStart(3)}.`),
    ...paragraph(canvas, safeText(finding.evidence.summary), INDENT),
    ...(numbers === '' ? [] : paragraph(canvas, pen.dim(numbers), INDENT)),
  ];
}

/** What was found, in the order of the decision. */
export function findingsSection(canvas: Canvas, { decision }: ScanOutcome): string[] {
  const { findings } = decision;
  if (findings.length === 0) return section(canvas, 'Findings', paragraph(canvas, 'None.'));
  const precise = findings.filter((finding) => !isNamedElsewhere(finding, findings));
  const shown = precise.slice(0, MOST_FINDINGS).flatMap((finding, index) => drawFinding(canvas, finding, index + 1));
  const rest = precise.length - MOST_FINDINGS;
  const others = findings.length - precise.length;
  return section(canvas, 'Findings', [
    ...shown,
    ...(rest > 0 ? paragraph(canvas, `and ${count(rest, 'more finding')}`) : []),
    ...(others > 0
      ? paragraph(canvas, `The same is seen by ${count(others, 'test')} of larger or smaller parts.`)
      : []),
    ...referencesOf(findings).flatMap((line) => paragraph(canvas, canvas.pen.dim(line))),
  ]);
}

/** Kind by kind, where the attack is described. */
function referencesOf(findings: readonly Finding[]): string[] {
  const byKind = new Map(findings.map(({ kind, references }) => [kind, references]));
  return [...byKind]
    .filter(([, references]) => references.length > 0)
    .map(([kind, references]) => `See for ${kind}: ${references.map(safeText).join(', ')}.`);
}
