import {
  collectCarriers,
  type Suspect,
  type Suspects,
  type Trigger,
  tellTrigger,
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
  return suspects.flatMap((suspect, index) => {
    const own = carriers[index];
    return own === undefined ? [] : [tell(suspect, own, classes, redact)];
  });
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
