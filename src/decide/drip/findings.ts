import { whole } from '../../count.js';
import { detectorOf } from '../../detect/index.js';
import { estimateRows } from '../excess-rows.js';
import type { Named } from '../named.js';
import type { RowFilter } from '../selection.js';
import type { Finding } from '../types.js';
import type { AccountOutcome, DripOutcome } from './drip.js';

/** Sources that their record over several batches condemns, those of the first-seen account among them. */
export function condemnedByDrip(drip: DripOutcome): string[] {
  return drip.outcomes.filter(({ rejected }) => rejected).flatMap((one) => [...sourcesOf(one, drip)]);
}

/**
 * The findings of a ledger: one for each account that is condemned. That of the whole batch holds it only where nothing
 * is condemned by name: a bad source shows in it as well.
 */
export function nameDrips(drip: DripOutcome | undefined, batch: string, isUnnamed: boolean): Named[] {
  return (drip?.outcomes ?? [])
    .filter(({ rejected }) => rejected)
    .map((one) => nameDrip(one, drip as DripOutcome, batch, isUnnamed));
}

function sourcesOf({ account: { scope, source } }: AccountOutcome, { firstSeen }: DripOutcome): ReadonlySet<string> {
  if (scope === 'first-seen') return firstSeen;
  return new Set(source === null ? [] : [source]);
}

function nameDrip(outcome: AccountOutcome, drip: DripOutcome, batch: string, isUnnamed: boolean): Named {
  const { account, kind } = outcome;
  const isWholeBatch = account.scope === 'batch';
  const subject = isWholeBatch ? batch : (account.source ?? FIRST_SEEN);
  const scope = isWholeBatch ? 'batch' : 'source';
  const sources = sourcesOf(outcome, drip);
  const finding: Finding = {
    id: `slow-drip/${scope}/${subject}`,
    kind: 'slow-drip',
    scope,
    subject,
    // Markov, paid for by the kinds that were looked for.
    pValue: Math.min(1, account.bets.length * Math.exp(-outcome.logEValue)),
    excessRows: inThisBatch(outcome),
    evidence: { summary: summaryOf(outcome, subject), numbers: numbersOf(outcome, drip) },
    references: detectorOf(kind).references,
    holds: true,
  };
  const rows = isWholeBatch && !isUnnamed ? 0 : Math.round(finding.excessRows?.estimate ?? 0);
  const where: RowFilter = isWholeBatch ? {} : { sources };
  return {
    finding,
    isWholeBatch: isWholeBatch && isUnnamed,
    shards: new Set(),
    sources,
    // Rows are ranked by the detector that has seen it.
    selections: [{ finding: finding.id, kind, rows, where }],
  };
}

const FIRST_SEEN = 'first-seen';

/** This batch's part of what all of them show: what one batch shows by itself is mostly chance. */
function inThisBatch({ account, rows, excess }: AccountOutcome): Finding['excessRows'] {
  const part = account.rows / Math.max(1, rows);
  return estimateRows({ ...excess, rowsPerUnit: part }, account.rows);
}

function numbersOf({ account, kind, batches, rows, excess, ...test }: AccountOutcome, drip: DripOutcome) {
  const all = estimateRows(excess, rows);
  return {
    rows: account.rows,
    seenBy: kind,
    batches,
    rowsOverBatches: rows,
    excessOverBatches: all.estimate,
    eValue: Number(finiteExp(test.logEValue).toPrecision(6)),
    alarmAt: Number(finiteExp(test.logAlarm).toPrecision(6)),
    accounts: drip.outcomes.length,
  };
}

function summaryOf({ account, kind, batches, rows, excess, ...test }: AccountOutcome, subject: string): string {
  const { estimate, low, high } = estimateRows(excess, rows);
  const { who, usual } = wordsOf(account, subject);
  return (
    `${who} over ${batches} batches and ${whole(rows)} rows: about ${whole(estimate)} more rows than ${usual} ` +
    `(95 % interval ${whole(low)} to ${whole(high)}) ${detectorOf(kind).claim}; ` +
    `e-value ${short(test.logEValue)}, alarm at ${short(test.logAlarm)}.`
  );
}

function wordsOf({ scope, signer }: AccountOutcome['account'], subject: string): { who: string; usual: string } {
  const signed = signer === '' ? '' : ` signed by ${signer}`;
  switch (scope) {
    case 'source':
      return { who: `"${subject}"${signed}`, usual: 'among the other sources' };
    case 'first-seen':
      return { who: `Sources${signed} that are new or have few rows,`, usual: 'among the other sources' };
    case 'batch':
      return { who: `All batches${signed} together,`, usual: 'trusted rows let expect' };
  }
}

const GREATEST_LOG = 700;
const finiteExp = (log: number) => Math.exp(Math.min(GREATEST_LOG, log));
const LONGEST_WRITTEN = Math.log(1e6);

/** Two digits: more would pretend to precision. */
function short(log: number): string {
  const value = finiteExp(log);
  return log < LONGEST_WRITTEN ? whole(Number(value.toPrecision(2))) : value.toExponential(0);
}
