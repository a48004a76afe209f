import type { Finding } from '../../decide/types.js';
import { kinds } from '../kinds.js';
import { isNamedElsewhere } from '../named-elsewhere.js';
import { holdingKinds, nextSteps } from '../next-steps.js';
import type { ScanOutcome } from '../types.js';
import { capital, count, share, whole } from '../wording.js';
import { clip, html, type Markup, value } from './markup.js';
import { placeInside } from './places.js';
import { recipe } from './recipe.js';

const MOST_PLACES = 4;
const MOST_KINDS = 3;
const NAME_LENGTH = 80;
const MORE_LENGTH = 160;
/** Places of which more is said than how many rows. */
const MOST_WITH_PAIRS = 2;

interface Verdict {
  readonly looks: 'ok' | 'warn' | 'bad';
  readonly word: string;
  readonly sentence: Markup;
}

export function batchName({ batch }: ScanOutcome): string {
  return clip(batch, NAME_LENGTH);
}

function verdictOf(outcome: ScanOutcome): Verdict {
  const { shards } = outcome.decision;
  const name = html`“${value(batchName(outcome))}”`;
  const all = count(shards.length, 'shard');
  const held = shards.filter(({ released }) => !released).length;
  const bad = shards.filter(({ verdict }) => verdict === 'quarantine').length;
  const are = held === 1 ? 'is' : 'are';
  const wouldHold = bad > held ? ` This run only observes; enforce mode would hold ${whole(bad)}.` : '';
  if (bad === 0 && held === 0) {
    const sentence = html`${shards.length === 1 ? 'The one shard' : `All ${all}`} of batch ${name} may go into training.`;
    return { looks: 'ok', word: 'Released', sentence };
  }
  if (held === 0) {
    return {
      looks: 'warn',
      word: 'Released, though suspect',
      sentence: html`Look before you train: ${whole(bad)} of ${all} of batch ${name} would be held in enforce mode.`,
    };
  }
  if (held === shards.length) {
    return {
      looks: 'bad',
      word: 'Quarantined',
      sentence: html`Do not train on batch ${name}: ${shards.length === 1 ? 'its only shard is' : `all its ${all} are`} held back.`,
    };
  }
  return {
    looks: 'bad',
    word: 'Quarantined',
    sentence: html`${whole(held)} of ${all} of batch ${name} ${are} held back; the other ${whole(shards.length - held)} may go into training.${wouldHold}`,
  };
}

/** How far a source reaches: why shards whose own rows look fine are held. */
function reachOf({ id, scope }: Finding, { decision }: ScanOutcome): string {
  if (scope !== 'source') return '';
  const reached = decision.shards.filter(({ findings }) => findings.includes(id)).length;
  return `, in ${reached === decision.shards.length && reached > 1 ? `all ${whole(reached)} shards` : count(reached, 'shard')}`;
}

/** `about 58 of 500 rows`, and which labels they are about where most are about the same. */
function amountOf({ scope, excessRows, evidence: { numbers } }: Finding, isAlone: boolean): string {
  if (excessRows === null) return '';
  const { rows, given, called, pairRows, pairExpected } = numbers;
  const of = typeof rows === 'number' && rows > excessRows.estimate ? ` of ${whole(rows)}` : '';
  const isOnePair = Number(pairRows) - Number(pairExpected) >= excessRows.estimate / 2;
  const pair =
    isAlone && scope !== 'class-pair' && isOnePair ? `, most labelled ${given} where ${called} is likelier` : '';
  return ` (about ${whole(excessRows.estimate)}${of} ${of === '' && Math.round(excessRows.estimate) === 1 ? 'row' : 'rows'}${pair})`;
}

function places(findings: readonly Finding[], outcome: ScanOutcome): Markup {
  const named = findings.slice(0, MOST_PLACES).map((finding, index) => {
    const more = clip(
      `${reachOf(finding, outcome)}${amountOf(finding, findings.length <= MOST_WITH_PAIRS)}`,
      MORE_LENGTH,
    );
    return html`${index === 0 ? '' : '; '}<b>${placeInside(finding)}</b>${more}`;
  });
  const rest = findings.length - MOST_PLACES;
  return html`${named}${rest > 0 ? html`; and <a href="#findings">${count(rest, 'more place')}</a>` : ''}`;
}

/** What is the matter, and where: a sentence for each kind of finding that holds something. */
function causes(outcome: ScanOutcome): Markup {
  const { findings } = outcome.decision;
  const found = holdingKinds(outcome);
  const rest = found.length - MOST_KINDS;
  return html`${found.slice(0, MOST_KINDS).map((kind) => {
    const own = findings.filter((one) => one.kind === kind && one.holds && !isNamedElsewhere(one, findings));
    return html`<p class="cause"><strong>${capital(kinds[kind].title)}</strong>: ${places(own, outcome)}.</p>
`;
  })}${rest > 0 ? html`<p>and <a href="#findings">${count(rest, 'more kind')} of finding</a>.</p>` : null}`;
}

function facts(outcome: ScanOutcome): Markup {
  const { baseline, policy, shards, decision, withheldRows } = outcome;
  const read = shards.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const held = decision.shards.filter(({ released }) => !released).length;
  const pairs: readonly (readonly [string, string])[] = [
    ['shards held', `${whole(held)} of ${whole(shards.length)}`],
    ['rows marked to leave out', `${whole(withheldRows)} of ${whole(read)}`],
    baseline.provisional
      ? ['compared with, for want of trusted rows', 'the batch itself']
      : ['trusted rows to compare with', whole(baseline.rows)],
    ['chance of a false alarm on a clean batch', `at most ${share(policy.falseQuarantineRate)}`],
  ];
  return html`<dl class="facts">${pairs.map(([term, figure]) => html`<div><dt>${term}</dt><dd>${figure}</dd></div>`)}</dl>`;
}

/** Leads from the first words on the worst rows to where they are. */
function withLink(step: string, { worstRows }: ScanOutcome): Markup {
  const words = 'worst rows';
  const at = step.indexOf(words);
  if (at < 0 || worstRows.length === 0) return html`${step}`;
  return html`${step.slice(0, at)}<a href="#rows">${words}</a>${step.slice(at + words.length)}`;
}

/** The verdict in one sentence, why, and what to do: all that fits on a first screen. */
export function verdictSection(outcome: ScanOutcome): Markup {
  const { looks, word, sentence } = verdictOf(outcome);
  return html`<section class="verdict ${looks}" id="verdict"><div><span class="tag ${looks}">${word}</span>
<h1>${sentence}</h1>
${causes(outcome)}<h2>What to do next</h2>
<ol>${nextSteps(outcome).map((step) => html`<li>${withLink(step, outcome)}</li>`)}</ol>
${recipe(outcome)}</div>
${facts(outcome)}</section>`;
}
