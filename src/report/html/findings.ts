import type { Finding, FindingKind } from '../../decide/types.js';
import type { ScanOutcome } from '../types.js';
import { count, kindInWords, placeOf, probability, whole } from '../wording.js';
import { groupBy } from './group-by.js';
import { explanations } from './kinds.js';
import { clip, html, type Markup, value } from './markup.js';
import { isNamedElsewhere } from './places.js';

const MOST_OF_A_KIND = 12;
const MOST_REFERENCES = 12;
const TEXT_LENGTH = 600;
const NAME_LENGTH = 160;
/** Rarer than this, a figure says no more than "hardly ever". */
const LEAST_CHANCE = 1e-6;

function chance(pValue: number): string {
  if (pValue < LEAST_CHANCE) return 'chance alone: less than once in a million';
  return pValue > 0.5 ? 'chance alone explains it' : `chance alone: about once in ${whole(1 / pValue)} times`;
}

function figures({ pValue, excessRows, holds }: Finding): string {
  return [
    ...(excessRows === null
      ? []
      : [
          `${count(excessRows.estimate, 'row')} too many (95 % interval ${whole(excessRows.low)} to ${whole(excessRows.high)})`,
        ]),
    ...(pValue === null ? ['seen, not estimated'] : [`p = ${probability(pValue)} (${chance(pValue)})`]),
    ...(holds ? [] : ['advice only: holds nothing back']),
  ].join(' · ');
}

function drawFinding(finding: Finding): Markup {
  return html`<div class="finding"><h4>${value(clip(placeOf(finding), NAME_LENGTH))}</h4><p>${clip(finding.evidence.summary, TEXT_LENGTH)}</p>
<p class="muted">${figures(finding)}<br><code>${clip(finding.id, NAME_LENGTH)}</code></p></div>
`;
}

function drawReferences(findings: readonly Finding[]): Markup | null {
  const references = new Set(findings.flatMap((finding) => finding.references));
  if (references.size === 0) return null;
  const names = [...references].slice(0, MOST_REFERENCES).map((name) => clip(name, NAME_LENGTH));
  return html`<p class="muted">Described in ${names.join(', ')}.</p>`;
}

function drawList(findings: readonly Finding[]): Markup {
  const rest = findings.length - MOST_OF_A_KIND;
  return html`${findings.slice(0, MOST_OF_A_KIND).map(drawFinding)}${
    rest > 0 ? html`<p class="finding">and ${count(rest, 'more finding')} like these; report.json lists all.</p>` : null
  }`;
}

function drawKind(kind: FindingKind, findings: readonly Finding[]): Markup {
  const holds = findings.some((finding) => finding.holds);
  const title = kindInWords(kind);
  const precise = findings.filter((finding) => !isNamedElsewhere(finding, findings));
  const others = findings.filter((finding) => isNamedElsewhere(finding, findings));
  return html`<div class="card ${holds ? 'bad' : 'warn'}"><h3>${title.slice(0, 1).toUpperCase() + title.slice(1)} <span class="muted">(${kind})</span></h3>
<p>${explanations[kind].means}</p>
${drawList(precise)}${
  others.length === 0
    ? null
    : html`<details class="finding"><summary>The same seen by ${count(others.length, 'other test')}</summary>${drawList(others)}</details>`
}${drawReferences(findings)}</div>`;
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
