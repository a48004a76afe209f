import { whole } from '../../count.js';
import { commonest, type Histogram } from '../histogram.js';
import type { CopySort, Gathering, Item, ItemCounts, ItemWords, LedgerDetector } from '../ledger/contract.js';
import { LEAST_COPIES } from '../ledger/count-items.js';

/** Groups of exact and near copies in the batch, larger than copies among trusted rows let expect. */
export const duplicateFlood: LedgerDetector = {
  kind: 'duplicate-flood',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  leastExcess,
  describe,
  describeCopies,
};

/**
 * Where rows equal one another by nature (few, coarse columns), a group is large only beside the group that a trusted
 * row stands in on average.
 */
function leastExcess({ rows, trustedRows, usualCopies }: ItemCounts): number {
  return LEAST_COPIES * usualCopies * Math.max(1, rows / trustedRows);
}

const MOST_LABELS = 3;
const MAIN_SHARE = 0.9;

function describe(
  item: Item,
  counts: ItemCounts,
  classes: readonly string[],
  gathered: Gathering | undefined,
): ItemWords {
  const given = inWords(item.labels, classes);
  const trusted = inWords(item.trustedLabels, classes);
  const called = commonest(item.called);
  const isContradicted = called !== undefined && called !== commonest(item.labels);
  const sentences = [
    `${item.rows} rows in ${item.shards.size} ${item.shards.size === 1 ? 'shard' : 'shards'} are copies or near copies ` +
      `of one another, ${gathered === undefined ? besideTrusted(item.trustedRows, counts) : inWordsOf(gathered)}.`,
    ...sourceInWords(item, gathered),
    ...(given === '' ? [] : [`They are labelled ${given}.`]),
    ...(trusted === '' ? [] : [`The trusted ones are labelled ${trusted}.`]),
    ...(isContradicted ? [`They look like ${classes[called]}.`] : []),
  ];
  return { subject: `copies of ${item.first?.shard} row ${item.first?.row}`, summary: sentences.join(' ') };
}

function besideTrusted(alike: number, { rows, trustedRows }: ItemCounts): string {
  if (alike === 0) return `unlike any of ${whole(trustedRows)} trusted ones`;
  const expected = ((alike * rows) / trustedRows).toLocaleString('en-US', { maximumFractionDigits: 1 });
  return `like ${alike} of ${whole(trustedRows)} trusted ones: about ${expected} would be usual`;
}

function inWordsOf({ scope, name, rows, expected }: Gathering): string {
  return `and ${rows} of them are in ${scope} ${name}, where chance would put ${Number(expected.toFixed(1))}`;
}

/** Most of them being of one source: it may then need no finding of its own. */
function sourceInWords({ rows, sources }: Item, gathered: Gathering | undefined): string[] {
  const main = [...sources].find(([, own]) => own > MAIN_SHARE * rows);
  if (main === undefined || gathered?.scope === 'source') return [];
  return [`${main[1] === rows ? 'All' : main[1]} of them are from source ${main[0]}.`];
}

function describeCopies(sort: CopySort, counts: ItemCounts): ItemWords {
  const own = counts.copies[sort];
  const [subject, what] = COPIES_IN_WORDS[sort];
  return { subject, summary: `${own.rows} rows ${what}, ${besideTrusted(own.trustedRows, counts)}.` };
}

/** What they are, and what each row does. */
const COPIES_IN_WORDS: Readonly<Record<CopySort, readonly [subject: string, what: string]>> = {
  repeated: ['many small groups of copies', 'stand in small groups of three equal rows or more'],
  contradicted: ['copies with contradicting labels', 'have copies most of which are labelled otherwise'],
  belied: ['copies of trusted rows with other labels', 'equal trusted rows most of which are labelled otherwise'],
};

/** `dog (25), cat (2)`. */
function inWords(labels: Histogram, classes: readonly string[]): string {
  const known = [...labels].filter(([label]) => label >= 0).sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || a - b);
  const shown = known.slice(0, MOST_LABELS).map(([label, rows]) => `${classes[label]} (${rows})`);
  return [...shown, ...(known.length > MOST_LABELS ? ['others'] : [])].join(', ');
}
