import type { History } from '../../ledger/index.js';
import { type Accounts, type BetsOn, placeBets } from './bets.js';
import { alarmingPValue, logEValue } from './e-process.js';
import { type DripRecord, knownSources, type Standing, standingsOf } from './records.js';
import { standsOut } from './spread.js';

/** An account of this batch with the record that speaks most against it. */
export interface AccountOutcome extends Omit<DripRecord, 'wealth' | 'wealthBefore'> {
  readonly account: Standing['account'];
  readonly logEValue: number;
  /** Alarm where the log e-value is at least this. */
  readonly logAlarm: number;
  readonly rejected: boolean;
}

export interface DripOutcome extends Accounts {
  readonly outcomes: readonly AccountOutcome[];
  readonly pValue: number;
  /** Of the whole batch, by kind: the greatest p-value of this batch at which all batches together raise the alarm. */
  readonly alarming: ReadonlyMap<DripRecord['kind'], number>;
}

/**
 * Of the level, what each scope may use up. Sources share theirs by their rows, and signers the others by theirs, so that
 * names without rows behind them take nothing from the others.
 */
const STAKES = { source: 0.8, 'first-seen': 0.1, batch: 0.1 } as const;

/** Places the bets of a batch and tests each account by them and those of earlier batches. */
export function betAndTest(on: BetsOn, history: History, level: number): DripOutcome {
  const placed = placeBets(on, knownSources(history, on.signer));
  const standings = standingsOf(placed.accounts, history, on.baseline.sha256);
  const now = on.judged.reduce((sum, shard) => sum + (shard.rows ?? 0), 0);
  const rowsOf = (batches: History['batches']) => batches.reduce((sum, batch) => sum + batch.rows, now);
  const rows = rowsOf(history.batches);
  const signerShare = rowsOf(history.batches.filter(({ signer }) => signer === on.signer)) / rows;
  const outcomes = judgeStandings(standings, rows, level, signerShare);
  // One that is no worse than sources differ anyway raises no alarm, whatever it has won.
  const margin = outcomes
    .filter(({ rejected, logEValue: log, logAlarm }) => rejected || log < logAlarm)
    .reduce((most, { logEValue: log, logAlarm }) => Math.max(most, log - logAlarm), -Infinity);
  // Markov: an e-value's reciprocal is a p-value.
  const alarming = alarmingIn(standings, outcomes);
  return { ...placed, outcomes, pValue: Math.min(1, level * Math.exp(-margin)), alarming };
}

function alarmingIn(standings: readonly Standing[], outcomes: readonly AccountOutcome[]): DripOutcome['alarming'] {
  const alarming = new Map<DripRecord['kind'], number>();
  standings.forEach(({ account, records }, index) => {
    if (account.scope !== 'batch') return;
    for (const { kind, wealthBefore } of records) {
      const pValue = alarmingPValue(wealthBefore, (outcomes[index] as AccountOutcome).logAlarm);
      if (pValue !== undefined) alarming.set(kind, pValue);
    }
  });
  return alarming;
}

/** Tests every account; `rows` of all batches together, of which the signer of these accounts has sent `signerShare`. */
export function judgeStandings(
  standings: readonly Standing[],
  rows: number,
  level: number,
  signerShare = 1,
): AccountOutcome[] {
  const hasSources = standings.some(({ account }) => account.scope !== 'batch');
  const sources = standings.filter(({ account }) => account.scope === 'source');
  return standings.map((standing): AccountOutcome => {
    const { account, records } = standing;
    const tested = records.map((record) => ({ record, log: logEValue(record.wealth) }));
    const best = tested.reduce((most, next) => (next.log > most.log ? next : most));
    const { wealth, wealthBefore, ...record } = best.record;
    const share = account.scope === 'source' ? record.rows / rows : signerShare;
    const stake = hasSources ? STAKES[account.scope] * share : 1;
    const logAlarm = Math.log(records.length / (stake * level));
    const isOver = best.log >= logAlarm;
    const rejected =
      isOver && (account.scope === 'batch' || standsOut(best.record, othersOf(standing, sources, record.kind)));
    return { account, ...record, logEValue: best.log, logAlarm, rejected };
  });
}

function othersOf(own: Standing, sources: readonly Standing[], kind: DripRecord['kind']): DripRecord[] {
  return sources.filter((other) => other !== own).flatMap(({ records }) => records.filter((one) => one.kind === kind));
}
