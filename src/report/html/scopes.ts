import type { ShardDecision, SourceDecision } from '../../decide/types.js';
import type { ScanOutcome } from '../types.js';
import { count, probability, whole } from '../wording.js';
import { clip, clipPath, html, type Markup, value } from './markup.js';
import { causeOf } from './places.js';
import { drawStrip, MOST_BARS } from './strip.js';

const MOST_BAD = 25;
const MOST_GOOD = 50;
const MOST_CAUSES = 3;
const NAME_LENGTH = 90;
/** A column of greater p than this looks low. */
const LOW = 0.01;

interface ScopeRow {
  readonly name: string;
  readonly rows: number | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly isBad: boolean;
  readonly fate: string;
  readonly causes: readonly string[];
}

/** What was not tested has a fault of its own and comes first; then the least likely. */
function worstFirst(rows: readonly ScopeRow[]): ScopeRow[] {
  return [...rows].sort((a, b) => (a.pValue ?? -1) - (b.pValue ?? -1));
}

function table(noun: string, caption: string, rows: readonly ScopeRow[]): Markup {
  const hasCauses = rows.some(({ causes }) => causes.length > 0);
  return html`<div class="scroll"><table class="scopes"><caption>${caption}</caption><thead><tr><th scope="col">${noun}</th><th scope="col" class="num">rows</th><th scope="col">verdict</th><th scope="col" class="num">p</th><th scope="col" class="num">q</th>${hasCauses ? html`<th scope="col">because of</th>` : null}</tr></thead><tbody>
${rows.map(
  (
    row,
  ) => html`<tr><th scope="row">${value(clipPath(row.name, NAME_LENGTH))}</th><td class="num" data-from="rows">${row.rows === null ? '-' : whole(row.rows)}</td><td><span class="tag ${row.isBad ? 'bad' : 'ok'}">${row.fate}</span></td><td class="num" data-from="p">${probability(row.pValue)}</td><td class="num" data-from="q">${probability(row.qValue)}</td>${hasCauses ? html`<td class="why" data-from="because of">${row.causes.join('; ')}</td>` : null}</tr>
`,
)}</tbody></table></div>`;
}

function tables(noun: string, rows: readonly ScopeRow[], badWord: string, goodWord: string): Markup {
  const bad = worstFirst(rows.filter(({ isBad }) => isBad));
  const good = worstFirst(rows.filter(({ isBad }) => !isBad));
  const moreBad = bad.length - MOST_BAD;
  const moreGood = good.length - MOST_GOOD;
  const goodCaption = `${count(good.length, noun)} ${goodWord}`;
  return html`${bad.length === 0 ? null : table(noun, `${count(bad.length, noun)} ${badWord}${moreBad > 0 ? `; the ${MOST_BAD} of least p` : ''}`, bad.slice(0, MOST_BAD))}
${moreBad > 0 ? html`<p>and ${whole(moreBad)} more ${badWord}; report.json lists all.</p>` : null}
${
  good.length === 0
    ? null
    : html`<details><summary>${goodCaption}</summary>${table(noun, moreGood > 0 ? `the ${MOST_GOOD} of least p` : goodCaption, good.slice(0, MOST_GOOD))}${moreGood > 0 ? html`<p>and ${whole(moreGood)} more; report.json lists all.</p>` : null}</details>`
}`;
}

function fateOf({ verdict, released }: ShardDecision): string {
  if (!released) return 'held';
  return verdict === 'quarantine' ? 'would hold' : 'released';
}

function shardRows({ decision, shards }: ScanOutcome): ScopeRow[] {
  const causes = new Map(decision.findings.map((finding) => [finding.id, causeOf(finding)]));
  const rows = new Map(shards.map((shard) => [shard.path, shard.rows]));
  return decision.shards.map((shard) => {
    const why = [...new Set(shard.findings.flatMap((id) => causes.get(id) ?? []))].map((cause) =>
      clip(cause, NAME_LENGTH),
    );
    const more = why.length - MOST_CAUSES;
    return {
      name: shard.path,
      rows: rows.get(shard.path) ?? null,
      pValue: shard.pValue,
      qValue: shard.qValue,
      isBad: shard.verdict === 'quarantine',
      fate: fateOf(shard),
      causes: more > 0 ? [...why.slice(0, MOST_CAUSES), `${more} more`] : why,
    };
  });
}

function key(looks: string): Markup {
  return html`<svg viewBox="0 0 28 16" aria-hidden="true"><rect class="${looks}" x="6" y="1" width="16" height="14"/></svg>`;
}

/** Every shard in one small picture, and the held ones by name. */
export function shardsSection(outcome: ScanOutcome): Markup {
  const rows = shardRows(outcome);
  const { mode, shards } = outcome.decision;
  const isObserved = mode === 'observe' && shards.every(({ released }) => released);
  const strip = rows.map(({ name, pValue, isBad }) => ({ path: name, pValue, isBad }));
  const fate = isObserved ? 'flagged' : 'held';
  const isLowBad = rows.some(({ isBad, pValue }) => isBad && pValue !== null && pValue > LOW);
  const aside = isLowBad
    ? ` A low column can be ${fate} as well: for a source or an item in it, not for its rows as a whole.`
    : '';
  return html`<section id="shards" aria-labelledby="shards-title"><h2 id="shards-title">Shards</h2>
<figure class="card beside">${drawStrip(strip, fate)}
<figcaption><ul class="legend"><li>${key('held')}${fate}</li><li>${key('passed')}released</li></ul><p>One column per ${rows.length > MOST_BARS ? 'group of neighbouring shards (the worst of them)' : 'shard'}, in the order of their paths. Its height is how rarely chance alone would make a clean shard look this bad: in a clean batch all are low.${aside}</p></figcaption></figure>
${tables('shard', rows, isObserved ? 'enforce mode would hold' : 'held', 'released')}
<p class="muted">p: how often chance alone would make a clean shard look this bad. q: the same, allowing for the number of shards looked at.</p></section>`;
}

function sourceRow({ name, rows, pValue, qValue, condemned }: SourceDecision): ScopeRow {
  const fate = condemned ? 'condemned' : 'not accused';
  return { name, rows, pValue, qValue, isBad: condemned, fate, causes: [] };
}

/** Who or what the rows came from; nothing where no column says so. */
export function sourcesSection({ decision }: ScanOutcome): Markup | null {
  if (decision.sources.length === 0) return null;
  return html`<section id="sources" aria-labelledby="sources-title"><h2 id="sources-title">Sources</h2>
${tables('source', decision.sources.map(sourceRow), 'condemned', 'not accused')}
<p class="muted">A source is what the rows themselves say of where they come from: a hint, not a proof.</p></section>`;
}
