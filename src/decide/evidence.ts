import type { Baseline } from '../baseline/index.js';
import { whole } from '../count.js';
import { detectors, type Tally } from '../detect/index.js';
import type { Against } from './reference.js';
import type { ExcessRows, Finding, FindingKind, FindingScope } from './types.js';

interface About {
  readonly kind: FindingKind;
  readonly scope: FindingScope;
  readonly subject: string;
  readonly pValue: number;
  readonly excessRows: ExcessRows;
  /** Of the scope. */
  readonly rows: number;
  readonly against: Against;
}

const SCOPE_NAMES: Readonly<Record<FindingScope, string>> = {
  batch: 'the whole batch',
  remainder: 'the batch without what is condemned by name',
  shard: 'this shard',
  'shard-class': 'this class in this shard',
  source: 'this source',
  'class-pair': 'the first label',
  item: 'this item',
};

/** Of the estimated rows, below which the greatest pair of labels is not what a finding is about. */
const LEAST_PAIR_SHARE = 0.2;
const SPREAD = 'They are spread over many pairs of labels.';

function scopeName(scope: FindingScope, { given }: Finding['evidence']['numbers']): string {
  return scope === 'class-pair' && given !== undefined ? `label ${given}` : SCOPE_NAMES[scope];
}

/** A few rows of one pair among many of others would lead a reader astray. */
function isSpread(estimate: number, { pairRows, pairExpected }: Finding['evidence']['numbers']): boolean {
  return Number(pairRows) - Number(pairExpected) < LEAST_PAIR_SHARE * estimate;
}

/** A finding in words and numbers. */
export function makeFinding(
  about: About,
  detail: string | undefined,
  numbers: Finding['evidence']['numbers'],
): Finding {
  const { kind, scope, subject, pValue, excessRows, rows, against } = about;
  const detector = detectors.find((one) => one.kind === kind);
  const { estimate, low, high } = excessRows;
  const summary =
    `About ${whole(estimate)} of the ${whole(rows)} rows of ${scopeName(scope, numbers)} ` +
    `(95 % interval ${whole(low)} to ${whole(high)}) ` +
    `${detector?.claim ?? 'stand out'}, beyond what ${against.isRest ? 'the rest of the batch shows' : 'trusted rows show'}.`;
  const words = [summary, ...(detail === undefined ? [] : [isSpread(estimate, numbers) ? SPREAD : detail])];
  return {
    id: `${kind}/${scope}/${subject}`,
    kind,
    scope,
    subject,
    pValue,
    excessRows,
    evidence: { summary: words.join(' '), numbers: { rows, ...numbers } },
    references: detector?.references ?? [],
    holds: true,
  };
}

interface Confusion {
  readonly sentence: string;
  readonly numbers: Finding['evidence']['numbers'];
}

/** The pair of given and called class that exceeds the trusted rows most, for detectors that classify. */
export function describeConfusion(
  kind: FindingKind,
  tallies: readonly Tally[],
  { classes, detectors: fitted }: Baseline,
): Confusion | undefined {
  const index = fitted.findIndex((detector) => detector.kind === kind);
  const calls = tallies[index]?.calls;
  const trusted = fitted[index]?.calibrations[0]?.calls;
  if (calls === undefined || trusted === undefined || calls.size === 0) return undefined;
  const rowsOf = (counts: ReadonlyMap<number, number>, given: number) =>
    classes.reduce((sum, _, called) => sum + (counts.get(given * classes.length + called) ?? 0), 0);
  let worst = { excess: 0, pair: -1, rows: 0, expected: 0 };
  for (const [pair, rows] of [...calls].sort(([a], [b]) => a - b)) {
    const given = Math.floor(pair / classes.length);
    if (given === pair % classes.length) continue;
    const expected = (rowsOf(calls, given) * (trusted.get(pair) ?? 0)) / Math.max(1, rowsOf(trusted, given));
    if (rows - expected > worst.excess) worst = { excess: rows - expected, pair, rows, expected };
  }
  if (worst.pair < 0) return undefined;
  const given = classes[Math.floor(worst.pair / classes.length)] ?? '';
  const called = classes[worst.pair % classes.length] ?? '';
  const expected = Number(worst.expected.toFixed(1));
  return {
    sentence: `Most of all, ${worst.rows} rows labelled ${given} look like ${called}, where ${expected} would be usual.`,
    numbers: { given, called, pairRows: worst.rows, pairExpected: expected },
  };
}
