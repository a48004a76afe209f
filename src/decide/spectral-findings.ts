import type { SpectralTail } from '../detect/index.js';
import { estimateRows } from './excess-rows.js';
import type { Excess } from './significance/statistic.js';
import { type TailStratum, tailCountMoments, tailCountPValue } from './significance/tail-count.js';
import type { Finding } from './types.js';

/** What was looked at, and where some of its rows are. */
export interface SpectralEvidence {
  readonly tails: readonly SpectralTail[];
  /** By the number that tails give a row. */
  readonly places: readonly { readonly path: string; readonly row: number }[];
}

const MOST_SHOWN = 5;
const REFERENCES = ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.023'];

interface TestedTail {
  readonly tail: SpectralTail;
  readonly share: SpectralTail['shares'][number];
  readonly stratum: TailStratum;
  /** Paid for by all shares, directions and classes. */
  readonly pValue: number;
}

/** The p-value of all classes together: 1 where none could be looked at. */
export function spectralPValue(tails: readonly SpectralTail[], tolerance: number): number {
  return Math.min(1, ...testTails(tails, tolerance).map(({ pValue }) => pValue));
}

function testTails(tails: readonly SpectralTail[], tolerance: number): TestedTail[] {
  const tests = tails.reduce((sum, { shares }) => sum + shares.length, 0);
  return tails.flatMap((tail) =>
    tail.shares.map((share) => {
      const stratum = { rows: tail.rows, trusted: tail.trusted, beyond: share.beyond };
      const chance = tailCountPValue([stratum], share.count - Math.floor(tolerance * tail.rows));
      return { tail, share, stratum, pValue: Math.min(1, tests * chance) };
    }),
  );
}

/**
 * Advice on each class whose rows have something in common that trusted ones do not have. A planted pattern with right labels
 * looks so, and a new kind of row does too: it holds nothing.
 */
export function spectralFindings(
  { tails, places }: SpectralEvidence,
  classes: readonly string[],
  { tolerance, level }: { readonly tolerance: number; readonly level: number },
): Finding[] {
  const best = new Map<number, TestedTail>();
  for (const tested of testTails(tails, tolerance)) {
    const { label } = tested.tail;
    if (tested.pValue <= level && tested.pValue < (best.get(label)?.pValue ?? 2)) best.set(label, tested);
  }
  return [...best.values()]
    .sort((a, b) => a.pValue - b.pValue || a.tail.label - b.tail.label)
    .map((tested) => describe(tested, classes[tested.tail.label] ?? '', places));
}

function describe(
  { tail, share, stratum, pValue }: TestedTail,
  name: string,
  places: SpectralEvidence['places'],
): Finding {
  const { expected, deviation } = tailCountMoments([stratum]);
  const excess: Excess = {
    value: share.count - expected,
    variance: deviation ** 2,
    rows: tail.classRows,
    rowsPerUnit: tail.classRows / tail.rows,
  };
  const excessRows = estimateRows(excess, tail.classRows);
  const shown = share.far.slice(0, MOST_SHOWN).map((at) => `${places[at]?.path} row ${places[at]?.row}`);
  const usual = Math.round((tail.classRows * share.beyond) / tail.trusted);
  return {
    id: `spectral/item/${name}`,
    kind: 'spectral',
    scope: 'item',
    subject: name,
    pValue,
    excessRows,
    evidence: {
      summary:
        `Of ${tail.classRows} rows labelled ${name} that were looked at, ${share.far.length} have something in common that ` +
        `trusted rows lead to expect in ${usual}. The farthest are ${shown.join(', ')}. ` +
        'A pattern that was planted in rows with right labels looks so; so does a new kind of rows.',
      numbers: { rows: tail.classRows, far: share.far.length, usual },
    },
    references: REFERENCES,
    holds: false,
  };
}
