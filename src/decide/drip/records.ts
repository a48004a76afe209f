import type { History } from '../../ledger/index.js';
import type { FindingKind, LedgerAccount, LedgerBet } from '../../schema/index.js';
import type { Excess } from '../significance/statistic.js';
import { addBet, NO_BETS, type Wealth } from './e-process.js';

/** All that is known of an account by one detector: sums over batches. */
export interface DripRecord {
  readonly kind: FindingKind;
  readonly batches: number;
  readonly rows: number;
  /** In rows. */
  readonly excess: Excess;
  readonly wealth: Wealth;
  /** Before the latest batch. */
  readonly wealthBefore: Wealth;
}

/** An account of the batch at hand with its records, this batch in them. */
export interface Standing {
  readonly account: LedgerAccount;
  readonly records: readonly DripRecord[];
}

/** A record with one more bet, on `rows` rows. */
export function addToRecord(record: DripRecord | undefined, bet: LedgerBet, rows: number): DripRecord {
  const { excess, ...before } = record ?? emptyRecord(bet.kind);
  return {
    kind: bet.kind,
    batches: before.batches + 1,
    rows: before.rows + rows,
    excess: {
      value: excess.value + bet.excessRows,
      variance: excess.variance + bet.variance,
      rows: before.rows + rows,
      rowsPerUnit: 1,
    },
    wealth: addBet(before.wealth, bet.pValue),
    wealthBefore: before.wealth,
  };
}

function emptyRecord(kind: FindingKind): DripRecord {
  return {
    kind,
    batches: 0,
    rows: 0,
    excess: { value: 0, variance: 0, rows: 0, rowsPerUnit: 1 },
    wealth: NO_BETS,
    wealthBefore: NO_BETS,
  };
}

/** Adds the bets of a batch to those of its accounts' earlier batches. */
export function standingsOf(accounts: readonly LedgerAccount[], history: History, baseline: string): Standing[] {
  const past = gatherRecords(history, baseline);
  return accounts.map((account) => {
    const earlier = past.get(keyOf(account));
    return { account, records: account.bets.map((bet) => addToRecord(earlier?.get(bet.kind), bet, account.rows)) };
  });
}

/** Sources that have an account of a signer in the ledger. */
export function knownSources({ batches }: History, own: string): Set<string> {
  const accounts = batches.flatMap((batch) => batch.accounts);
  return new Set(accounts.flatMap(({ signer, source }) => (source === null || signer !== own ? [] : [source])));
}

/** Batches as wholes were compared with trusted rows, and count where those are the same. */
function gatherRecords({ batches }: History, baseline: string): Map<string, Map<FindingKind, DripRecord>> {
  const past = new Map<string, Map<FindingKind, DripRecord>>();
  for (const batch of batches) {
    for (const account of batch.accounts) {
      if (account.scope === 'batch' && batch.baseline !== baseline) continue;
      const key = keyOf(account);
      const byKind = past.get(key) ?? new Map<FindingKind, DripRecord>();
      past.set(key, byKind);
      for (const bet of account.bets) byKind.set(bet.kind, addToRecord(byKind.get(bet.kind), bet, account.rows));
    }
  }
  return past;
}

/** Signers answer for their own sources only. */
function keyOf({ scope, signer, source }: LedgerAccount): string {
  return JSON.stringify([scope, signer, source]);
}
