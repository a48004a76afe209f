import type { ShardDecision } from '../decide/types.js';
import { Bug } from '../errors.js';
import { safeJson } from '../safe-text.js';
import { assertReport, type Report, type ShardReport, type WorstRowReport } from '../schema/index.js';
import type { ScanOutcome, ShardRecord, WorstRow } from './types.js';

/** By code units, as everywhere: the order must not depend on a locale. */
function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function toShardReport(record: ShardRecord, decision: ShardDecision | undefined): ShardReport {
  if (decision === undefined) throw new Bug(`nothing was decided about shard ${record.path}`);
  const { verdict, released, pValue, qValue, findings } = decision;
  return { uri: record.uri, sha256: record.sha256, rows: record.rows, verdict, released, pValue, qValue, findings };
}

function toWorstRow({ shard, row, suspicion, suspect, reason, values }: WorstRow): WorstRowReport {
  const cells = [...values].map(([column, value]) => ({ column, value }));
  return { shard, row, suspicion, suspect, reason, values: cells };
}

function toReport(outcome: ScanOutcome): Report {
  const { decision, baseline, policy } = outcome;
  const decided = new Map(decision.shards.map((shard) => [shard.path, shard]));
  if (decided.size !== outcome.shards.length) throw new Bug('the decision speaks of other shards than the scan');
  const report: Report = {
    batch: outcome.batch,
    verdict: decision.verdict,
    mode: decision.mode,
    released: decision.released,
    shards: [...outcome.shards].sort(byPath).map((record) => toShardReport(record, decided.get(record.path))),
    findings: decision.findings,
    sources: decision.sources,
    families: decision.families,
    minimumDetectable: decision.minimumDetectable,
    columns: outcome.columns,
    notes: outcome.notes,
    worstRows: outcome.worstRows.map(toWorstRow),
    redacted: outcome.redacted,
    baseline,
    policy,
    contract: outcome.contract,
    provenance: outcome.provenance,
    ledger: outcome.ledger,
    backend: outcome.backend,
    version: outcome.version,
  };
  assertReport(report);
  return report;
}

/** The text of report.json: the same bytes for the same outcome. Throws Bug when it would break its schema. */
export function reportJson(outcome: ScanOutcome): string {
  return `${safeJson(JSON.stringify(toReport(outcome), null, 2))}\n`;
}
