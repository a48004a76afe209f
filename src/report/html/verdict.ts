import type { Finding, FindingKind } from '../../decide/types.js';
import type { ScanOutcome } from '../types.js';
import { count, kindInWords, share, whole } from '../wording.js';
import { explanations } from './kinds.js';
import { clip, html, type Markup, value } from './markup.js';
import { isNamedElsewhere, placeInside } from './places.js';

const MOST_PLACES = 4;
const MOST_KINDS = 3;
const NAME_LENGTH = 80;

interface Verdict {
  readonly looks: 'ok' | 'warn' | 'bad';
  readonly word: string;
  readonly sentence: Markup;
  /** What to do first. */
  readonly conclusion: string;
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
    return { looks: 'ok', word: 'Released', sentence, conclusion: 'Training may start.' };
  }
  if (held === 0) {
    return {
      looks: 'warn',
      word: 'Released, though suspect',
      sentence: html`Look before you train: ${whole(bad)} of ${all} of batch ${name} would be held in enforce mode.`,
      conclusion:
        'Nothing is held back in observe mode: keep the shards below out of training yourself until you have looked.',
    };
  }
  if (held === shards.length) {
    return {
      looks: 'bad',
      word: 'Quarantined',
      sentence: html`Do not train on batch ${name}: ${shards.length === 1 ? 'its only shard is' : `all its ${all} are`} held back.`,
      conclusion: 'Keep the whole batch out of training.',
    };
  }
  return {
    looks: 'bad',
    word: 'Quarantined',
    sentence: html`${whole(held)} of ${all} of batch ${name} ${are} held back; the other ${whole(shards.length - held)} may go into training.${wouldHold}`,
    conclusion: `Train without the held ${held === 1 ? 'shard' : 'shards'}, or wait until ${held === 1 ? 'it is' : 'they are'} settled.`,
  };
}

/** How far a source reaches: why shards whose own rows look fine are held. */
function reachOf({ id, scope }: Finding, { decision }: ScanOutcome): string {
  if (scope !== 'source') return '';
  const reached = decision.shards.filter(({ findings }) => findings.includes(id)).length;
  return `, found in ${reached === decision.shards.length && reached > 1 ? `all ${whole(reached)} shards` : count(reached, 'shard')}`;
}

function places(findings: readonly Finding[], outcome: ScanOutcome): Markup {
  const named = findings.slice(0, MOST_PLACES).map((finding, index) => {
    const rows = finding.excessRows === null ? '' : ` (about ${count(finding.excessRows.estimate, 'row')})`;
    return html`${index === 0 ? '' : '; '}${placeInside(finding)}${rows}${reachOf(finding, outcome)}`;
  });
  const rest = findings.length - MOST_PLACES;
  return html`${named}${rest > 0 ? `; and ${count(rest, 'more place')}` : ''}`;
}

function reasons(outcome: ScanOutcome): { kind: FindingKind; sentence: Markup }[] {
  const { findings } = outcome.decision;
  const holding = findings.filter((finding) => finding.holds && !isNamedElsewhere(finding, findings));
  const kinds = [...new Set(holding.map(({ kind }) => kind))];
  return kinds.map((kind) => ({
    kind,
    sentence: html`<strong>${capital(kindInWords(kind))}</strong>: ${places(
      holding.filter((one) => one.kind === kind),
      outcome,
    )}.`,
  }));
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function facts(outcome: ScanOutcome): Markup {
  const { baseline, policy, shards, decision } = outcome;
  const read = shards.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const held = decision.shards.filter(({ released }) => !released).length;
  const pairs: readonly (readonly [string, string])[] = [
    ['shards held', `${whole(held)} of ${whole(shards.length)}`],
    ['rows judged', whole(read)],
    [`${baseline.provisional ? 'rows of its own' : 'trusted rows'} to compare with`, whole(baseline.rows)],
    ['chance that a clean batch is held', `at most ${share(policy.falseQuarantineRate)}`],
  ];
  return html`<dl class="facts">${pairs.map(([term, figure]) => html`<div><dt>${term}</dt><dd>${figure}</dd></div>`)}</dl>`;
}

/** Kinds whose rows can be told apart from the good ones around them. */
const separable: ReadonlySet<FindingKind> = new Set(['duplicate-flood', 'trigger']);

/** Held shards are mostly good rows where one source or item is bad: how to get those into training. */
function rescue({ decision }: ScanOutcome): string[] {
  const isSource = decision.sources.some(({ condemned }) => condemned);
  if (!isSource && !decision.findings.some(({ kind }) => separable.has(kind))) return [];
  const bad = isSource ? 'those of the condemned source' : 'those that carry the item';
  return [
    `To save the rest of the held shards, take out the rows that rows.arrow marks in its column withhold (${bad}), and scan again.`,
  ];
}

function calmSteps({ decision }: ScanOutcome): string[] {
  const least = decision.minimumDetectable.flatMap(({ rows }) => rows ?? []);
  if (least.length === 0) return [];
  const rows = count(Math.ceil(Math.max(...least)), 'row');
  return [`No alarm is not proof: poison of fewer than about ${rows} can stay unseen (see Limits below).`];
}

/** The verdict in one sentence, why, and what to do: all that fits on a first screen. */
export function verdictSection(outcome: ScanOutcome): Markup {
  const { looks, word, sentence, conclusion } = verdictOf(outcome);
  const why = reasons(outcome);
  const kinds = why.slice(0, MOST_KINDS);
  const rest = why.length - MOST_KINDS;
  const steps =
    looks === 'ok'
      ? [conclusion, ...calmSteps(outcome)]
      : [conclusion, ...kinds.map(({ kind }) => explanations[kind].check), ...rescue(outcome)];
  return html`<section class="verdict ${looks}" id="verdict"><span class="tag ${looks}">${word}</span>
<h1>${sentence}</h1>
${kinds.map((reason) => html`<p>${reason.sentence}</p>`)}${rest > 0 ? html`<p>and ${count(rest, 'more kind')} of finding.</p>` : null}
<h2>What to do next</h2>
<ol>${[...new Set(steps)].map((step) => html`<li>${step}</li>`)}</ol>
${facts(outcome)}</section>`;
}
