import type { Baseline } from '../baseline/index.js';
import { indexItems } from '../detect/index.js';
import { type Excess, estimateRows } from './excess-rows.js';
import type { RejectedItem } from './items.js';
import type { Named } from './named.js';
import type { RowFilter } from './selection.js';
import type { Finding } from './types.js';

/** A flood of many small groups must not make a report that nobody can read. */
const MOST_FINDINGS = 50;

/** Each rejected item as a finding that holds the shards with its carriers and points at all of them. */
export function nameItems(rejected: readonly RejectedItem[], { classes }: Baseline): Named[] {
  const named = rejected.slice(0, MOST_FINDINGS).map((one) => nameItem(one, classes));
  const rest = rejected.slice(MOST_FINDINGS);
  return rest.length === 0 ? named : [...named, nameRest(rest)];
}

function nameItem({ detector, counts, item, pValue, excess }: RejectedItem, classes: readonly string[]): Named {
  const { subject, summary } = detector.describe(item, counts, classes);
  const ratio = counts.rows / counts.trustedRows;
  const expected = item.trustedRows * ratio;
  const finding: Finding = {
    id: `${detector.kind}/item/${subject}`,
    kind: detector.kind,
    scope: 'item',
    subject,
    pValue,
    excessRows: excessOf(excess, expected * (1 + ratio), item.rows),
    evidence: {
      summary,
      numbers: { rows: item.rows, trustedRows: item.trustedRows, expected: Number(expected.toFixed(1)) },
    },
    references: detector.references,
    holds: true,
  };
  return holdCarriers(finding, [item]);
}

function nameRest(rest: readonly RejectedItem[]): Named {
  const { detector, pValue } = rest[0] as RejectedItem;
  const rows = rest.reduce((sum, { item }) => sum + item.rows, 0);
  const excess = rest.reduce((sum, one) => sum + one.excess, 0);
  const finding: Finding = {
    id: `${detector.kind}/item/others`,
    kind: detector.kind,
    scope: 'item',
    subject: 'others',
    pValue,
    excessRows: excessOf(excess, rows, rows),
    evidence: {
      summary: `${rest.length} more like the ones above, with ${rows} rows.`,
      numbers: { rows, items: rest.length },
    },
    references: detector.references,
    holds: true,
  };
  return holdCarriers(
    finding,
    rest.map(({ item }) => item),
  );
}

function excessOf(value: number, variance: number, rows: number): Finding['excessRows'] {
  const excess: Excess = { value, variance, rows, rowsPerUnit: 1 };
  return estimateRows(excess, rows);
}

function holdCarriers(finding: Finding, items: readonly RejectedItem['item'][]): Named {
  const { id, kind, pValue } = finding;
  const shards = new Set(items.flatMap((item) => [...item.shards.keys()]));
  const carries = indexItems(items.map(({ signatures }) => signatures));
  const rows = items.reduce((sum, item) => sum + item.rows, 0);
  const selection = { finding: id, kind, rows, where: { shards, carries }, pValue: pValue ?? 0 };
  return { finding, isWholeBatch: false, shards, sources: new Set(), selections: [selection] };
}

/**
 * True when carriers of named items, odd by themselves, may be all that a finding about scores is made of: copies of
 * one flipped row are as many flipped rows. Carriers that are not odd explain nothing, so that no flood can hide flips.
 */
export function isExplained(
  { finding, shards, sources, selections }: Named,
  carried: readonly RejectedItem['item']['shards'][],
): boolean {
  if (sources.size > 0 || carried.length === 0) return false;
  // The excess of a pair of classes is that of the whole batch, whichever shards it holds.
  const where: RowFilter =
    finding.scope === 'class-pair' ? {} : (selections[0]?.where ?? (shards.size > 0 ? { shards } : {}));
  let odd = 0;
  for (const perShard of carried) {
    for (const [path, carriers] of perShard) {
      const isInside = (where.shards?.has(path) ?? true) && !(where.notShards?.has(path) ?? false);
      if (isInside) odd += carriers.odd.get(finding.kind) ?? 0;
    }
  }
  return (finding.excessRows?.low ?? 0) <= odd;
}
