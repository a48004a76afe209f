import type { FindingKind } from '../decide/types.js';
import { kinds } from './kinds.js';
import { isNamedElsewhere } from './named-elsewhere.js';
import type { ScanOutcome } from './types.js';
import { count, whole } from './wording.js';

/** Kinds of finding that say what to look at; more do not help. */
const MOST_KINDS = 3;

/** What a person does after a scan, first things first; the same words on the page and on the terminal. */
export function nextSteps(outcome: ScanOutcome): string[] {
  const { verdict, released } = outcome.decision;
  return verdict === 'release' && released ? calmSteps(outcome) : [conclusionOf(outcome), ...repairSteps(outcome)];
}

function calmSteps({ decision, baseline }: ScanOutcome): string[] {
  const least = decision.minimumDetectable.flatMap(({ rows }) => rows ?? []);
  const isTested = [...decision.shards, ...decision.sources].some(({ pValue }) => pValue !== null);
  const proof =
    least.length === 0 || !isTested
      ? []
      : [
          `No alarm is not proof: less poison than about ${count(Math.ceil(Math.max(...least)), 'row')} spread over the batch can stay unseen.`,
        ];
  const reference = baseline.provisional
    ? [
        'Give rows you trust (--baseline) to find what is spread evenly over the batch: compared with itself, it hides that.',
      ]
    : [];
  return ['Training may start.', ...proof, ...reference];
}

function conclusionOf({ decision: { shards } }: ScanOutcome): string {
  const held = shards.filter(({ released }) => !released).length;
  if (held === 0) {
    const bad = shards.filter(({ verdict }) => verdict === 'quarantine').length;
    return `Nothing is held back in observe mode: keep the ${bad === 1 ? 'flagged shard' : `${whole(bad)} flagged shards`} out of training yourself until you have looked.`;
  }
  if (held === shards.length) return 'Keep the whole batch out of training for now.';
  return `Train on the released shards only, or wait until ${held === 1 ? 'the held one is' : `the ${whole(held)} held ones are`} settled.`;
}

/** Of the findings that hold something, each once, the most precise first. */
export function holdingKinds({ decision: { findings } }: ScanOutcome): FindingKind[] {
  const holding = findings.filter((finding) => finding.holds && !isNamedElsewhere(finding, findings));
  return [...new Set(holding.map(({ kind }) => kind))];
}

function repairSteps(outcome: ScanOutcome): string[] {
  const found = holdingKinds(outcome);
  const looks = found.slice(0, MOST_KINDS).map((kind) => kinds[kind].look);
  if (!found.some((kind) => kinds[kind].marksRows)) return [...new Set(looks)];
  return [
    ...new Set(looks),
    ...takeOut(outcome),
    'If the rows are right after all, the world has changed: add checked rows like them to the trusted data.',
  ];
}

function takeOut({ decision, withheldRows, shards }: ScanOutcome): string[] {
  if (withheldRows === 0) return [];
  const rows = new Map(shards.map((shard) => [shard.path, shard.rows ?? 0]));
  const flagged = decision.shards.filter(({ verdict }) => verdict === 'quarantine');
  const all = flagged.reduce((sum, { path }) => sum + (rows.get(path) ?? 0), 0);
  const who = decision.sources.some(({ condemned }) => condemned) ? 'the source named above' : 'whoever sent them';
  if (withheldRows >= all) {
    return [
      `Bad rows cannot be told from good ones there: leave out all ${whole(all)}, ask ${who} about them, and scan what they send instead.`,
    ];
  }
  return [
    `If they are wrong, ask ${who} how they came about. Correct or take out the ${count(withheldRows, 'row')} that rows.arrow marks in its column withhold, and scan again: the other ${whole(all - withheldRows)} rows of ${flagged.length === 1 ? 'this shard' : 'these shards'} can be saved.`,
  ];
}
