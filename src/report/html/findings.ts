import type { Finding, FindingKind } from '../../decide/types.js';
import { kinds } from '../kinds.js';
import { isNamedElsewhere } from '../named-elsewhere.js';
import type { ScanOutcome } from '../types.js';
import { capital, chance, count, placeOf, probability, whole } from '../wording.js';
import { groupBy } from './group-by.js';
import { clip, html, type Markup, value } from './markup.js';

const MOST_OF_A_KIND = 12;
/** More findings than these are easier to compare in a table. */
const MOST_IN_WORDS = 2;
const MOST_REFERENCES = 12;
const TEXT_LENGTH = 600;
const NAME_LENGTH = 160;
const CLASS_LENGTH = 40;

function proofOf({ pValue, holds }: Finding): string {
  return [
    ...(pValue === null ? ['Seen, not estimated'] : [`Chance alone: ${chance(pValue)} (p = ${probability(pValue)})`]),
    ...(holds ? [] : ['advice only: holds nothing back']),
  ].join(' · ');
}

function drawFinding(finding: Finding): Markup {
  return html`<div class="finding"><h4>${value(clip(placeOf(finding), NAME_LENGTH))}</h4><p>${clip(finding.evidence.summary, TEXT_LENGTH)}</p>
<p class="muted">${proofOf(finding)}</p></div>
`;
}

/** Only what was estimated from scores has the figures of a table. */
function hasFigures({ scope, pValue, excessRows, holds }: Finding): boolean {
  return scope !== 'item' && pValue !== null && excessRows !== null && holds;
}

function pairOf({ evidence: { numbers }, excessRows }: Finding): Markup | null {
  const { given, called, pairRows, pairExpected } = numbers;
  if (pairRows === undefined || Number(pairRows) - Number(pairExpected) < 0.2 * (excessRows?.estimate ?? 0))
    return null;
  const name = (text: unknown) => value(clip(String(text), CLASS_LENGTH));
  return html`${whole(Number(pairRows))} labelled ${name(given)} look like ${name(called)}; usual: ${String(pairExpected)}`;
}

function drawFigures(findings: readonly Finding[]): Markup {
  const hasPairs = findings.some((finding) => pairOf(finding) !== null);
  return html`<table class="stacked"><thead><tr><th scope="col">where</th><th scope="col">bad rows, about (95 % interval)</th>${hasPairs ? html`<th scope="col">most of all</th>` : null}<th scope="col">by chance alone</th></tr></thead><tbody>
${findings.map((finding) => {
  const { excessRows, evidence, pValue } = finding;
  const rows = Number(evidence.numbers['rows']);
  const range = html`<span class="muted">(${whole(excessRows?.low ?? 0)} to ${whole(excessRows?.high ?? 0)})</span>`;
  return html`<tr><th scope="row">${value(clip(placeOf(finding), NAME_LENGTH))}</th><td data-from="bad rows, about"><b>${whole(excessRows?.estimate ?? 0)}</b>${Number.isFinite(rows) ? ` of ${whole(rows)}` : ''} ${range}</td>${hasPairs ? html`<td data-from="most of all">${pairOf(finding) ?? (finding.scope === 'class-pair' ? 'all of them' : 'spread over many labels')}</td>` : null}<td data-from="by chance alone">${chance(pValue ?? 1)}</td></tr>
`;
})}</tbody></table>`;
}

function drawReferences(findings: readonly Finding[]): Markup | null {
  const references = new Set(findings.flatMap((finding) => finding.references));
  if (references.size === 0) return null;
  const names = [...references].slice(0, MOST_REFERENCES).map((name) => clip(name, NAME_LENGTH));
  return html`<p class="muted">The attack is described in ${names.join(', ')}.</p>`;
}

function drawList(findings: readonly Finding[]): Markup {
  const shown = findings.slice(0, MOST_OF_A_KIND);
  const rest = findings.length - shown.length;
  const isTable = shown.length > MOST_IN_WORDS && shown.every(hasFigures);
  return html`${isTable ? drawFigures(shown) : shown.map(drawFinding)}${
    rest > 0 ? html`<p class="finding">and ${count(rest, 'more finding')} like these; report.json lists all.</p>` : null
  }`;
}

function drawKind(kind: FindingKind, findings: readonly Finding[], reference: string): Markup {
  const holds = findings.some((finding) => finding.holds);
  const precise = findings.filter((finding) => !isNamedElsewhere(finding, findings));
  const others = findings.filter((finding) => isNamedElsewhere(finding, findings));
  return html`<div class="card ${holds ? 'bad' : 'warn'}"><h3>${capital(kinds[kind].title)} <span class="muted">(${kind})</span></h3>
<p>${kinds[kind].means(reference)}</p>
${drawList(precise)}${
  others.length === 0
    ? null
    : html`<details class="finding"><summary>The same seen by ${count(others.length, 'other test')}</summary>${drawList(others)}</details>`
}${drawReferences(findings)}</div>`;
}

/** What was found, kind by kind, and what each means. */
export function findingsSection({ decision, baseline }: ScanOutcome): Markup {
  const byKind = groupBy(decision.findings, ({ kind }) => kind);
  const reference = baseline.provisional ? 'the rest of the batch' : 'your trusted data';
  return html`<section id="findings" aria-labelledby="findings-title"><h2 id="findings-title">What was found</h2>
${
  byKind.size === 0
    ? html`<p>Nothing: no shard, source or label of this batch stands out from ${reference} beyond chance.</p>`
    : [...byKind].map(([kind, findings]) => drawKind(kind, findings, reference))
}</section>`;
}
