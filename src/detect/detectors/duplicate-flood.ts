import type { Histogram } from '../histogram.js';
import type { Item, ItemCounts, ItemWords, LedgerDetector } from '../ledger/contract.js';
import { LEAST_COPIES } from '../ledger/count-items.js';

/** Groups of exact and near copies in the batch, larger than copies among trusted rows let expect. */
export const duplicateFlood: LedgerDetector = {
  kind: 'duplicate-flood',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  leastExcess,
  describe,
};

/**
 * Where rows equal one another by nature (few, coarse columns), a group is large only beside the group that a trusted
 * row stands in on average.
 */
function leastExcess({ rows, trustedRows, usualCopies }: ItemCounts): number {
  return LEAST_COPIES * usualCopies * Math.max(1, rows / trustedRows);
}

const MOST_LABELS = 3;

function describe(item: Item, { rows, trustedRows }: ItemCounts, classes: readonly string[]): ItemWords {
  const expected = Number(((item.trustedRows * rows) / trustedRows).toFixed(1));
  const given = inWords(item.labels, classes);
  const trusted = inWords(item.trustedLabels, classes);
  const called = commonest(item.called);
  const isContradicted = called !== undefined && called !== commonest(item.labels);
  const sentences = [
    `${item.rows} rows in ${item.shards.size} ${item.shards.size === 1 ? 'shard' : 'shards'} are copies or near copies ` +
      `of one another, where ${item.trustedRows} of ${trustedRows} trusted rows would make ${expected} usual.`,
    ...(given === '' ? [] : [`They are labelled ${given}.`]),
    ...(trusted === '' ? [] : [`The trusted ones are labelled ${trusted}.`]),
    ...(isContradicted ? [`They look like ${classes[called]}.`] : []),
  ];
  return { subject: `copies of ${item.first?.shard} row ${item.first?.row}`, summary: sentences.join(' ') };
}

/** `dog (25), cat (2)`. */
function inWords(labels: Histogram, classes: readonly string[]): string {
  const known = [...labels].filter(([label]) => label >= 0).sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || a - b);
  const shown = known.slice(0, MOST_LABELS).map(([label, rows]) => `${classes[label]} (${rows})`);
  return [...shown, ...(known.length > MOST_LABELS ? ['others'] : [])].join(', ');
}

function commonest(classes: Histogram): number | undefined {
  return [...classes].sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || a - b)[0]?.[0];
}
