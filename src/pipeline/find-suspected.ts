import {
  type BlindWords,
  collectCarriers,
  type GradedRows,
  type Suspect,
  type Suspects,
  type SyntaxModel,
  scoreBlindly,
  scoreSyntax,
  type Trigger,
  type TrustedItems,
  tellLeakage,
  tellSyntax,
  tellTrigger,
  trustedCount,
  type VisitShards,
} from '../detect/index.js';
import { lowerBound } from '../linear/index.js';

interface Telling {
  readonly level: number;
  readonly redact: boolean;
  /** Given where there are trusted rows: what they carry half as often is usual, and no one's doing. */
  readonly trusted?: TrustedItems;
}

const LEAST_GAIN = 2;

/** The suspects of a batch as triggers, with all rows of the batch that carry them. */
export async function tellSuspects(
  visitAll: VisitShards,
  { space, items }: Suspects,
  classes: readonly string[],
  { level, redact, trusted }: Telling,
): Promise<Trigger[]> {
  const alone = items.filter(({ pValue, isBeside }) => !isBeside && pValue <= level);
  const targets = new Set(alone.map(({ target }) => target));
  const suspects = items.filter((one) => alone.includes(one) || (one.isBeside && targets.has(one.target)));
  if (space === null || suspects.length === 0) return [];
  const ids = suspects.map(({ item }) => item);
  const { carriers } = await collectCarriers(visitAll, space, ids, classes.length);
  const triggers: Trigger[] = [];
  for (const [index, suspect] of suspects.entries()) {
    const own = carriers[index];
    const among = amongTrusted(trusted, suspect);
    if (own === undefined || isUsual(own, among)) continue;
    const told = tell(suspect, own, among, { classes, redact });
    triggers.push(await tellMore(told, suspect, visitAll, classes));
  }
  return triggers;
}

/** How many trusted rows carry it; null without any. */
function amongTrusted(trusted: TrustedItems | undefined, { item }: Suspect): AmongTrusted | null {
  return trusted === undefined ? null : { carriers: trustedCount(trusted, item), rows: trusted.rows };
}

interface AmongTrusted {
  readonly carriers: number;
  readonly rows: number;
}

/** Trusted rows carry it at least half as often. */
export function isUsual(
  { count, batchRows }: Pick<Trigger['carriers'], 'count' | 'batchRows'>,
  among: AmongTrusted | null,
): boolean {
  return among !== null && count * among.rows < LEAST_GAIN * among.carriers * batchRows;
}

/** Where not all carriers of the target are bad, or not they alone, which of its rows are. */
async function tellMore(
  trigger: Trigger,
  suspect: Suspect,
  visitAll: VisitShards,
  classes: readonly string[],
): Promise<Trigger> {
  const { leak, syntax } = suspect;
  if (leak !== undefined) return tellLeak(trigger, suspect, leak, visitAll, classes);
  return syntax === undefined ? trigger : tellBuilt(trigger, suspect, syntax, visitAll, classes);
}

/** Of the rows of a class, those are suspect that are built as hardly any of another is. */
async function tellBuilt(
  trigger: Trigger,
  { target, contradicted, rows: looked }: Suspect,
  syntax: SyntaxModel,
  visitAll: VisitShards,
  classes: readonly string[],
): Promise<Trigger> {
  const scored: ScoredRows = new Map();
  await visitAll(({ items, labels }, path) => {
    const rows = [...labels.keys()].filter((row) => labels[row] === target);
    scored.set(path, { rows, scores: scoreSyntax(syntax, items, rows).map((score) => -score) });
  });
  const poisoned = rowsWhere(scored, (score) => score <= -syntax.least);
  const count = [...poisoned.values()].reduce((sum, rows) => sum + rows.length, 0);
  const summary = tellSyntax(trigger.subject, count, target, [contradicted, looked], classes);
  return { ...trigger, poisoned, summary, graded: gradeRows(scored) };
}

/** The lower a score, the worse. */
type ScoredRows = Map<string, { readonly rows: readonly number[]; readonly scores: Float64Array }>;

/** Paths without any are left out: they hold nothing of it. */
function rowsWhere(scored: ScoredRows, isBad: (score: number) => boolean): Map<string, number[]> {
  const bad = [...scored].map(
    ([path, { rows, scores }]) => [path, rows.filter((_, at) => isBad(scores[at] as number))] as const,
  );
  return new Map(bad.filter(([, rows]) => rows.length > 0));
}

/** Of a phrase in all rows of a class, those are suspect that are of the class by nothing else. */
async function tellLeak(
  trigger: Trigger,
  { target }: Suspect,
  leak: BlindWords,
  visitAll: VisitShards,
  classes: readonly string[],
): Promise<Trigger> {
  const scored: ScoredRows = new Map();
  await visitAll(({ items }, path) => {
    const rows = trigger.poisoned.get(path);
    if (rows !== undefined) scored.set(path, { rows, scores: scoreBlindly(leak, items, rows) });
  });
  const poisoned = rowsWhere(scored, (score) => score < 0);
  const contradicted = [...poisoned.values()].reduce((sum, rows) => sum + rows.length, 0);
  const { subject, carriers } = trigger;
  const summary = tellLeakage(subject, carriers, target, contradicted, classes);
  return { ...trigger, poisoned, contradicted, summary, graded: gradeRows(scored) };
}

/** By the share of all of them that score higher, and all before rows of which the finding says nothing. */
function gradeRows(scored: ScoredRows): Map<string, GradedRows> {
  const all = Float64Array.from([...scored.values()].flatMap(({ scores }) => [...scores])).sort();
  return new Map(
    [...scored].map(([path, { rows, scores }]) => {
      const suspicion = scores.map((score) => 1 - lowerBound(all, score) / (2 * all.length));
      return [path, { rows, suspicion }];
    }),
  );
}

function tell(
  { item, target, subject: shown, pValue, rows, contradicted }: Suspect,
  carriers: Trigger['carriers'],
  among: AmongTrusted | null,
  { classes, redact }: { readonly classes: readonly string[]; readonly redact: boolean },
): Trigger {
  const subject = redact ? `item ${item}` : shown;
  const looksLike = classes.length === 2 ? 1 - target : null;
  const judgement = { proof: 'contradiction', target, contradiction: { contradicted, rows, looksLike } } as const;
  return {
    subject,
    summary: tellTrigger(subject, carriers, judgement, among, classes),
    pValue,
    carriers,
    poisoned: carriers.rows.get(target) ?? new Map(),
    trustedRows: among?.carriers ?? null,
    contradicted,
  };
}
