import type { Finding, FindingKind } from '../../decide/types.js';
import type { ScanOutcome } from '../types.js';
import { count, kindInWords, placeOf, probability, whole } from '../wording.js';
import { groupBy } from './group-by.js';
import { explanations } from './kinds.js';
import { clip, html, type Markup, value } from './markup.js';

const MOST_OF_A_KIND = 12;
const TEXT_LENGTH = 600;
const NAME_LENGTH = 160;
/** Rarer than this, a figure says no more than "hardly ever". */
const LEAST_CHANCE = 1e-6;

function chance(pValue: number): string {
  if (pValue < LEAST_CHANCE) return 'chance alone: less than once in a million';
  return pValue > 0.5 ? 'chance alone explains it' : `chance alone: about once in ${whole(1 / pValue)} times`;
}

function figures({ pValue, excessRows, references, holds }: Finding): Markup {
  const parts = [
    ...(excessRows === null
      ? []
      : [
          `${count(excessRows.estimate, 'row')} too many (95 % interval ${whole(excessRows.low)} to ${whole(excessRows.high)})`,
        ]),
    ...(pValue === null ? ['no test: the fault itself'] : [`p = ${probability(pValue)} (${chance(pValue)})`]),
    ...(holds ? [] : ['advice only: holds nothing back']),
    ...(references.length === 0 ? [] : [`described in ${references.map((one) => clip(one, NAME_LENGTH)).join(', ')}`]),
  ];
  return html`<p class="muted">${parts.join(' · ')}</p>`;
}

function drawFinding(finding: Finding): Markup {
  return html`<div class="finding"><h4>${value(clip(placeOf(finding), NAME_LENGTH))}</h4><p>${clip(finding.evidence.summary, TEXT_LENGTH)}</p>${figures(finding)}</div>
`;
}

function drawKind(kind: FindingKind, findings: readonly Finding[]): Markup {
  const rest = findings.slice(MOST_OF_A_KIND);
  const holds = findings.some((finding) => finding.holds);
  const title = kindInWords(kind);
  return html`<div class="card ${holds ? 'bad' : 'warn'}"><h3>${title.slice(0, 1).toUpperCase() + title.slice(1)} <span class="muted">(${kind})</span></h3>
<p>${explanations[kind].means}</p>
${findings.slice(0, MOST_OF_A_KIND).map(drawFinding)}${
  rest.length === 0
    ? null
    : html`<p class="finding">and ${count(rest.length, 'more finding')} of this kind; report.json lists all.</p>`
}</div>`;
}

/** What was found, kind by kind, and what each means. */
export function findingsSection({ decision }: ScanOutcome): Markup {
  const byKind = groupBy(decision.findings, ({ kind }) => kind);
  return html`<section id="findings" aria-labelledby="findings-title"><h2 id="findings-title">What was found</h2>
${
  byKind.size === 0
    ? html`<p>Nothing: no shard, source or label of this batch stands out from the trusted data beyond chance.</p>`
    : [...byKind].map(([kind, findings]) => drawKind(kind, findings))
}</section>`;
}
