import { safeText } from '../../safe-text.js';
import type { ScanOutcome } from '../types.js';
import { count, share, whole } from '../wording.js';
import { type Canvas, paragraph } from './layout.js';

/** What the run did in one line of plain words, before anything else. */
export function headline(canvas: Canvas, outcome: ScanOutcome): string[] {
  const { pen } = canvas;
  const { shards, mode } = outcome.decision;
  const batch = `"${safeText(outcome.batch)}"`;
  const held = shards.filter(({ released }) => !released).length;
  const bad = shards.filter(({ verdict }) => verdict === 'quarantine').length;
  const wouldHold = bad > held ? ` Enforce mode would hold ${whole(bad)}; the policy says ${mode}.` : '';
  if (held === 0 && bad === 0) {
    const text = `${pen.green(pen.bold('RELEASED'))}  ${allOf(shards.length)} of ${batch} may go into training.`;
    return paragraph(canvas, text, 0);
  }
  if (held === 0) {
    const text = `${pen.yellow(pen.bold('RELEASED, THOUGH SUSPECT'))}  ${allOf(shards.length)} of ${batch} ${shards.length === 1 ? 'was' : 'were'} released.`;
    return paragraph(canvas, text + wouldHold, 0);
  }
  const rest = shards.length - held;
  const fate =
    rest === 0 ? 'none may go into training' : `the other ${whole(rest)} ${rest === 1 ? 'is' : 'are'} released`;
  const text = `${pen.red(pen.bold('QUARANTINED'))}  ${whole(held)} of ${count(shards.length, 'shard')} of ${batch} ${held === 1 ? 'is' : 'are'} held back; ${fate}.`;
  return paragraph(canvas, text + wouldHold, 0);
}

function allOf(shards: number): string {
  return shards === 1 ? 'The only shard' : `All ${count(shards, 'shard')}`;
}

function reference({ provisional, rows, distinctRows, blocks }: ScanOutcome['baseline']): string {
  return provisional
    ? `themselves (no baseline; ${whole(rows)} of them sampled, ${whole(distinctRows)} distinct)`
    : `${count(rows, 'trusted row')} (${whole(distinctRows)} distinct, ${count(blocks, 'block')})`;
}

/** What was compared with what. */
export function basis(canvas: Canvas, outcome: ScanOutcome): string[] {
  const { baseline, policy, shards } = outcome;
  const read = shards.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const text =
    `${count(read, 'row')} judged against ${reference(baseline)}. ` +
    `Mode ${policy.mode}, false quarantine rate ${share(policy.falseQuarantineRate)}, ` +
    `tolerance ${share(policy.tolerance)}. Tensors: ${safeText(outcome.backend)}. Taster ${outcome.version}.`;
  return paragraph(canvas, canvas.pen.dim(text), 0);
}
