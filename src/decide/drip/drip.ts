import type { History } from '../../ledger/index.js';
import type { FindingKind, LedgerAccount, LedgerBet } from '../../schema/index.js';
import type { Excess } from '../significance/statistic.js';
import { type Accounts, type BetsOn, placeBets } from './bets.js';
import { addBet, logEValue, NO_BETS } from './e-process.js';

/** An account of this batch with all that the ledger holds of it. */
export interface AccountOutcome {
  readonly account: LedgerAccount;
  /** Whose bets have won most. */
  readonly kind: FindingKind;
  readonly batches: number;
  /** Of those batches. */
  readonly rows: number;
  /** In rows, over all of them. */
  readonly excess: Excess;
  readonly logEValue: number;
  /** Alarm where the log e-value is at least this. */
  readonly logAlarm: number;
  readonly rejected: boolean;
}

export interface DripOutcome extends Accounts {
  readonly outcomes: readonly AccountOutcome[];
  readonly pValue: number;
}

/**
 * Of the level, what each scope may use up. Sources share theirs by their rows, so that names without rows behind them
 * take nothing from the others.
 */
const STAKES = { source: 0.8, 'first-seen': 0.1, batch: 0.1 } as const;

/** Places the bets of a batch and tests each account by them and those of earlier batches. */
export function betAndTest(on: BetsOn, history: History, level: number): DripOutcome {
  const rows = on.judged.reduce((sum, shard) => sum + (shard.rows ?? 0), 0);
  return testAccounts(placeBets(on, knownSources(history)), history, { baseline: on.baseline.sha256, rows }, level);
}

/** Tests accounts by their bets in this batch and those of the history. */
export function testAccounts(
  placed: Accounts,
  history: History,
  batch: { readonly baseline: string; readonly rows: number },
  level: number,
): DripOutcome {
  const past = gatherBets(history, batch.baseline);
  const everything = batch.rows + history.batches.reduce((sum, { rows }) => sum + rows, 0);
  const hasSources = placed.accounts.some(({ scope }) => scope !== 'batch');
  const outcomes = placed.accounts.map((account): AccountOutcome => {
    const earlier = past.get(keyOf(account));
    const tested = account.bets.map((bet) => {
      const bets = [...(earlier?.get(bet.kind) ?? []), { ...bet, rows: account.rows }];
      return { kind: bet.kind, ...addUp(bets) };
    });
    const best = tested.reduce((most, next) => (next.logEValue > most.logEValue ? next : most));
    const share = account.scope === 'source' ? best.rows / everything : 1;
    const stake = hasSources ? STAKES[account.scope] * share : 1;
    const logAlarm = Math.log(tested.length / (stake * level));
    return { account, ...best, logAlarm, rejected: best.logEValue >= logAlarm };
  });
  const margin = outcomes.reduce((most, one) => Math.max(most, one.logEValue - one.logAlarm), -Infinity);
  // Markov: an e-value's reciprocal is a p-value.
  return { ...placed, outcomes, pValue: Math.min(1, level * Math.exp(-margin)) };
}

type PastBet = LedgerBet & { readonly rows: number };

/** Sources that have an account in the ledger. */
function knownSources({ batches }: History): Set<string> {
  const accounts = batches.flatMap((batch) => batch.accounts);
  return new Set(accounts.flatMap(({ source }) => (source === null ? [] : [source])));
}

/** Account → kind → its bets. Batches as wholes were compared with trusted rows, and count where those are the same. */
function gatherBets({ batches }: History, baseline: string): Map<string, Map<FindingKind, PastBet[]>> {
  const past = new Map<string, Map<FindingKind, PastBet[]>>();
  for (const batch of batches) {
    for (const account of batch.accounts) {
      if (account.scope === 'batch' && batch.baseline !== baseline) continue;
      const key = keyOf(account);
      const byKind = past.get(key) ?? new Map<FindingKind, PastBet[]>();
      past.set(key, byKind);
      for (const bet of account.bets) {
        const bets = byKind.get(bet.kind) ?? [];
        byKind.set(bet.kind, bets);
        bets.push({ ...bet, rows: account.rows });
      }
    }
  }
  return past;
}

/** Signers answer for their own sources only. */
function keyOf({ scope, signer, source }: LedgerAccount): string {
  return JSON.stringify([scope, signer, source]);
}

function addUp(bets: readonly PastBet[]): Pick<AccountOutcome, 'batches' | 'rows' | 'excess' | 'logEValue'> {
  const sum = (pick: (bet: PastBet) => number) => bets.reduce((total, bet) => total + pick(bet), 0);
  const rows = sum((bet) => bet.rows);
  return {
    batches: bets.length,
    rows,
    excess: { value: sum((bet) => bet.excessRows), variance: sum((bet) => bet.variance), rows, rowsPerUnit: 1 },
    logEValue: logEValue(bets.reduce((wealth, { pValue }) => addBet(wealth, pValue), NO_BETS)),
  };
}
