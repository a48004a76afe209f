import type { ShardAssessment } from '../../assess/index.js';
import type { Baseline } from '../../baseline/index.js';
import { calibrateOnRest, type Tally } from '../../detect/index.js';
import type { LedgerAccount, LedgerBet } from '../../schema/index.js';
import { type Merged, mergeBy } from '../merge.js';
import { dripStatistics, gradedPValue, leastBet } from './statistics.js';
import { measureWhole, type WholeMeasure, wholeBatchBets } from './whole-batch.js';

/** Fewer rows in a batch prove nothing: such sources are pooled. */
const LEAST_ROWS = 30;
/** Longer names, which would swell the ledger, are pooled as well. */
const LONGEST_NAME = 1000;

/** What bets are made on. */
export interface BetsOn {
  readonly baseline: Baseline;
  /** In path order. */
  readonly judged: readonly ShardAssessment[];
  readonly tolerance: number;
  readonly seed: string;
  /** Who vouches for the batch; empty where nobody is known to. */
  readonly signer: string;
}

/** Every account of a batch: each source of 30 rows, those that the ledger does not know together, the whole batch. */
export interface Accounts {
  readonly accounts: readonly LedgerAccount[];
  /** Names of the sources that the first-seen account is about. */
  readonly firstSeen: ReadonlySet<string>;
  /** What the account of the whole batch rests on. */
  readonly whole: readonly WholeMeasure[];
}

/**
 * Compares each source with the other rows of the batch, within classes, so that what all sources share (a drift, a
 * model that errs) is no evidence. `known` says which sources earlier batches of the signer have accounts of.
 */
export function placeBets({ baseline, judged, tolerance, seed, signer }: BetsOn, known: ReadonlySet<string>): Accounts {
  const all = mergeBy(baseline, judged, () => 'all').get('all');
  if (all === undefined) return { accounts: [], firstSeen: new Set(), whole: [] };
  const bySource = mergeBy(baseline, judged, ({ sources }, source) => sources[source]);
  const hasAccount = (name: string) => (bySource.get(name)?.rows ?? 0) >= LEAST_ROWS && name.length <= LONGEST_NAME;
  const firstSeen = new Set([...bySource.keys()].filter((name) => !hasAccount(name) || !known.has(name)));
  const pool = mergeBy(baseline, judged, ({ sources }, source) =>
    firstSeen.has(sources[source] ?? '') ? 'pool' : undefined,
  ).get('pool');
  const against = (own: Merged, name: string) => betsAgainstRest(baseline, own, all, tolerance, `${seed}/drip/${name}`);
  const accounts: LedgerAccount[] = [...bySource]
    .filter(([name]) => hasAccount(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, own]) => ({ scope: 'source', signer, source, rows: own.rows, bets: against(own, source) }));
  if (pool !== undefined)
    accounts.push({ scope: 'first-seen', signer, source: null, rows: pool.rows, bets: against(pool, '') });
  const whole = baseline.twin === undefined ? measureWhole(baseline, all, tolerance, seed) : [];
  accounts.push({ scope: 'batch', signer, source: null, rows: all.rows, bets: wholeBatchBets(whole) });
  return { accounts: accounts.filter(({ bets }) => bets.length > 0), firstSeen, whole };
}

function betsAgainstRest(baseline: Baseline, own: Merged, all: Merged, tolerance: number, seed: string): LedgerBet[] {
  return baseline.detectors.flatMap((detector, index) => {
    const tally = own.perDetector[index] as Tally;
    const rest = calibrateOnRest(all.perDetector[index] as Tally, tally);
    return leastBet(
      detector.kind,
      dripStatistics(detector, seed).map(({ statistic, isGraded }) => {
        const measured = statistic(tally, rest, 0);
        const tolerated = tolerance * measured.excess.rows;
        const pValue = isGraded ? gradedPValue(measured, tolerated) : measured.pValueBeyond(tolerated);
        return { pValue, excess: measured.excess };
      }),
    );
  });
}
