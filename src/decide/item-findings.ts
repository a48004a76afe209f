import type { Carriers } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import {
  type BeliedRows,
  type CopySort,
  type ItemCounts,
  indexItems,
  type LedgerDetector,
  labelFlip,
} from '../detect/index.js';
import type { RejectedCopies } from './copies.js';
import { type Excess, estimateRows } from './excess-rows.js';
import { itemLevel, type OtherEvidence } from './hierarchy.js';
import { type CountedItems, type ItemFamily, type RejectedItem, testItems } from './items.js';
import type { Named } from './named.js';
import { testPlanted } from './planted-triggers.js';
import { NO_TRIGGERS } from './trigger-findings.js';
import type { Finding, Policy } from './types.js';

/** A flood of many small groups must not make a report that nobody can read. */
const MOST_FINDINGS = 50;

/** Each rejected item as a finding that holds the shards with its carriers and points at all of them. */
export function nameItems({ rejected, copies }: ItemFamily, { classes }: Baseline): Named[] {
  const named = rejected.slice(0, MOST_FINDINGS).map((one) => nameItem(one, classes));
  const rest = rejected.slice(MOST_FINDINGS);
  return [...named, ...(rest.length === 0 ? [] : [nameRest(rest)]), ...copies.map(nameCopies)];
}

/** The rows that findings about items will point at; null where there are none. */
export function condemnedCarriers(
  counted: readonly CountedItems[],
  policy: Policy,
  others: OtherEvidence = {},
): Carriers | null {
  const level = itemLevel(policy, others);
  const { rejected, copies } = testItems(counted, level, policy.tolerance);
  const { triggers } = others.carried ?? NO_TRIGGERS;
  const triggered = [
    ...triggers.map(({ poisoned }) => poisoned),
    ...testPlanted(others.triggers, level).rejected.map(({ rows }) => rows),
  ];
  if (rejected.length + copies.length + triggered.length === 0) return null;
  const shards = [
    ...rejected.flatMap(({ item }) => [...item.shards.keys()]),
    ...copies.flatMap((one) => [...one.copies.shards.keys()]),
    ...triggered.flatMap((rows) => [...rows.keys()]),
  ];
  const listedRows = [...triggered, ...copies.flatMap(({ sort, counts }) => listedOf(sort, counts) ?? [])];
  const carries = indexItems(
    rejected.map(({ item }) => item.signatures),
    copies.flatMap((one) => one.copies.digests),
  );
  const listed = new Map<string, Set<number>>();
  for (const [path, rows] of listedRows.flatMap((one) => [...one])) {
    listed.set(path, new Set([...(listed.get(path) ?? []), ...rows]));
  }
  return { shards: new Set(shards), carries, listed };
}

function nameItem(one: RejectedItem, classes: readonly string[]): Named {
  const { detector, counts, item, pValue, excess, gathered } = one;
  const { subject, summary } = detector.describe(item, counts, classes, gathered);
  const ratio = gathered === undefined ? counts.rows / counts.trustedRows : 0;
  const expected = gathered?.expected ?? item.trustedRows * ratio;
  const numbers = { rows: item.rows, trustedRows: item.trustedRows, expected: Number(expected.toFixed(1)) };
  const excessRows = excessOf(excess, expected * (1 + ratio), item.rows);
  return holdCarriers(findingOf(detector, { subject, pValue, excessRows, evidence: { summary, numbers } }), [item]);
}

function nameRest(rest: readonly RejectedItem[]): Named {
  const { detector, pValue } = rest[0] as RejectedItem;
  const rows = rest.reduce((sum, { item }) => sum + item.rows, 0);
  const excess = rest.reduce((sum, one) => sum + one.excess, 0);
  const summary = `${rest.length} more like the ones above, with ${rows} rows.`;
  const evidence = { summary, numbers: { rows, items: rest.length } };
  return holdCarriers(
    findingOf(detector, { subject: 'others', pValue, excessRows: excessOf(excess, rows, rows), evidence }),
    rest.map(({ item }) => item),
  );
}

function nameCopies(one: RejectedCopies): Named {
  const { detector, counts, sort, copies, pValue, excess, shards } = one;
  const { subject, summary } = detector.describeCopies(sort, counts);
  const ratio = counts.rows / counts.trustedRows;
  const expected = copies.trustedRows * ratio;
  const numbers = { rows: copies.rows, trustedRows: copies.trustedRows, expected: Number(expected.toFixed(1)) };
  const excessRows = excessOf(excess, expected * (1 + ratio) * copies.spread, copies.rows);
  const listed = listedOf(sort, counts);
  const said = { subject, pValue, excessRows, evidence: { summary, numbers } };
  const finding = findingOf(listed === undefined ? detector : labelFlip, said);
  const { id, kind } = finding;
  const among = listed === undefined ? { carries: indexItems([], copies.digests) } : { rows: setsOf(listed) };
  const where = { shards: new Set(copies.shards.keys()), ...among };
  const words = 'a trusted row that is equal has another label';
  // Copies of both labels are suspect where they contradict each other.
  const rows = sort === 'contradicted' ? counts.copies.copied.rows : copies.rows;
  return {
    finding,
    isWholeBatch: false,
    shards,
    sources: new Set(),
    selections: [{ finding: id, kind, rows, where, pValue, ...(listed !== undefined && { words }) }],
  };
}

/** Rows that are known one by one: equal rows of the right label are none. */
function listedOf(sort: CopySort, { copies }: ItemCounts): BeliedRows['listed'] | undefined {
  return sort === 'belied' ? copies.belied.listed : undefined;
}

function setsOf(listed: BeliedRows['listed']): ReadonlyMap<string, ReadonlySet<number>> {
  return new Map([...listed].map(([path, rows]) => [path, new Set(rows)]));
}

function findingOf(
  { kind, references }: Pick<LedgerDetector, 'kind' | 'references'>,
  found: Pick<Finding, 'subject' | 'pValue' | 'excessRows' | 'evidence'>,
): Finding {
  return { id: `${kind}/item/${found.subject}`, kind, scope: 'item', ...found, references, holds: true };
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
