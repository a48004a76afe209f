import {
  type BlindWords,
  collectCarriers,
  type Suspect,
  type Suspects,
  type Trigger,
  tellLeakage,
  tellTrigger,
  unlikeRows,
  type VisitShards,
} from '../detect/index.js';

/** The suspects of a batch that judges itself as triggers, with all rows of the batch that carry them. */
export async function tellSuspects(
  visitAll: VisitShards,
  { space, items }: Suspects,
  classes: readonly string[],
  { level, redact }: { readonly level: number; readonly redact: boolean },
): Promise<Trigger[]> {
  const suspects = items.filter(({ pValue }) => pValue <= level);
  if (space === null || suspects.length === 0) return [];
  const ids = suspects.map(({ item }) => item);
  const { carriers } = await collectCarriers(visitAll, space, ids, classes.length);
  const triggers: Trigger[] = [];
  for (const [index, suspect] of suspects.entries()) {
    const own = carriers[index];
    if (own === undefined) continue;
    const told = tell(suspect, own, classes, redact);
    triggers.push(suspect.leak === undefined ? told : await tellLeak(told, suspect, suspect.leak, visitAll, classes));
  }
  return triggers;
}

/** Of a phrase in all rows of a class, those are suspect that are of the class by nothing else. */
async function tellLeak(
  trigger: Trigger,
  { target }: Suspect,
  leak: BlindWords,
  visitAll: VisitShards,
  classes: readonly string[],
): Promise<Trigger> {
  const poisoned = new Map<string, readonly number[]>();
  await visitAll(({ items }, path) => {
    const carriers = trigger.poisoned.get(path);
    if (carriers !== undefined) poisoned.set(path, unlikeRows(leak, items, carriers));
  });
  const contradicted = [...poisoned.values()].reduce((sum, rows) => sum + rows.length, 0);
  const { subject, carriers } = trigger;
  return { ...trigger, poisoned, contradicted, summary: tellLeakage(subject, carriers, target, contradicted, classes) };
}

function tell(
  { item, target, subject: shown, pValue, rows, contradicted }: Suspect,
  carriers: Trigger['carriers'],
  classes: readonly string[],
  redact: boolean,
): Trigger {
  const subject = redact ? `item ${item}` : shown;
  const looksLike = classes.length === 2 ? 1 - target : null;
  const judgement = { proof: 'contradiction', target, contradiction: { contradicted, rows, looksLike } } as const;
  return {
    subject,
    summary: tellTrigger(subject, carriers, judgement, null, classes),
    pValue,
    carriers,
    poisoned: carriers.rows.get(target) ?? new Map(),
    trustedRows: null,
    contradicted,
  };
}
