import { kinds } from '../kinds.js';
import type { ColumnRole, ScanOutcome } from '../types.js';
import { count, probability, share, whole } from '../wording.js';
import { groupBy } from './group-by.js';
import { clip, html, type Markup, value } from './markup.js';

const MOST_NOTES = 20;
const NOTE_LENGTH = 500;
const MOST_NAMES = 40;
const NAME_LENGTH = 80;

/** What was not checked, and what could be in the batch unseen. */
export function limitsSection({ notes, decision, shards }: ScanOutcome): Markup {
  const total = shards.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const rest = notes.length - MOST_NOTES;
  return html`<section id="limits" aria-labelledby="limits-title"><h2 id="limits-title">Limits of this report</h2>
${
  notes.length === 0
    ? null
    : html`<h3>Not checked, and good to know</h3><ul>${notes.slice(0, MOST_NOTES).map((note) => html`<li>${clip(note, NOTE_LENGTH)}</li>`)}${rest > 0 ? html`<li>and ${count(rest, 'more note')}</li>` : null}</ul>`
}
<table class="plain"><caption>Least poison that is found 4 times in 5 when it is spread over the whole batch; less can stay unseen</caption>
<thead><tr><th scope="col">detector</th><th scope="col" class="num">rows</th><th scope="col" class="num">share of the batch</th></tr></thead><tbody>
${decision.minimumDetectable.map(
  ({
    kind,
    rows,
  }) => html`<tr><th scope="row">${kind}${rows === null || kinds[kind].least === undefined ? '' : `: rows ${kinds[kind].least}`}</th><td class="num">${rows === null || total === 0 ? 'no number' : whole(Math.ceil(rows))}</td><td class="num">${rows === null || total === 0 ? '-' : share(rows / total)}</td></tr>
`,
)}</tbody></table></section>`;
}

function groupRows(columns: readonly ColumnRole[]): Markup[] {
  const groups = groupBy(columns, ({ role, guessed }) => `${role} ${guessed}`);
  return [...groups.values()].map((group) => {
    const rest = group.length - MOST_NAMES;
    const names = group.slice(0, MOST_NAMES).map(({ name, type }, index) => {
      return html`${index === 0 ? '' : ', '}<span title="${clip(type, NAME_LENGTH)}">${value(clip(name, NAME_LENGTH))}</span>`;
    });
    return html`<tr><th scope="row">${group[0]?.role ?? ''}</th><td>${group[0]?.guessed ? 'guessed' : 'given'}</td><td>${names}${rest > 0 ? ` and ${whole(rest)} more` : ''}</td></tr>
`;
  });
}

/** Which column was taken for what; a guess is something to check. */
export function columnsSection({ columns }: ScanOutcome): Markup {
  return html`<section id="columns" aria-labelledby="columns-title"><h2 id="columns-title">Columns</h2>
<table><caption>What each column was taken for. Check the guesses: name them with --label, --source, --group or --id</caption><thead><tr><th scope="col">role</th><th scope="col">how</th><th scope="col">columns</th></tr></thead><tbody>
${groupRows(columns)}</tbody></table></section>`;
}

/** What it takes to repeat the scan and to trust it. */
export function recordSection({ policy, baseline, decision, backend, version }: ScanOutcome): Markup {
  const pairs: readonly (readonly [string, string])[] = [
    [
      'mode',
      policy.mode === 'enforce'
        ? 'enforce: bad shards are held'
        : 'observe: findings are told, nothing is held for them',
    ],
    ['greatest rate of clean batches held', share(policy.falseQuarantineRate)],
    ['tolerance', `${share(policy.tolerance)} of a scope's rows may be worse without an alarm`],
    ['policy digest', policy.sha256],
    [
      baseline.provisional ? 'judged against itself' : 'trusted data',
      `${count(baseline.rows, 'row')}, ${whole(baseline.distinctRows)} distinct, ${count(baseline.blocks, 'block')}`,
    ],
    [`digest of the ${baseline.provisional ? 'sampled shards' : 'trusted data'}`, baseline.sha256],
    ['tensor backend', backend],
    ['Taster', version],
  ];
  return html`<section id="record" aria-labelledby="record-title"><h2 id="record-title">Policy and record</h2>
<table><tbody>${pairs.map(
    ([
      term,
      text,
    ]) => html`<tr><th scope="row">${term}</th><td>${/^[0-9a-f]{64}$/.test(text) ? html`<code>${text}</code>` : clip(text, NOTE_LENGTH)}</td></tr>
`,
  )}</tbody></table>
<details><summary>Families of tests that decide whether the batch is clean</summary><table><thead><tr><th scope="col">tests of</th><th scope="col" class="num">p</th><th scope="col" class="num">alarm at</th><th scope="col">outcome</th></tr></thead><tbody>
${decision.families.map(
  ({
    family,
    pValue,
    level,
    rejected,
  }) => html`<tr><th scope="row">${family}</th><td class="num">${probability(pValue)}</td><td class="num">${probability(level)}</td><td>${rejected ? 'alarm' : 'no alarm'}</td></tr>
`,
)}</tbody></table></details></section>`;
}
