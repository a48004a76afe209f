import { BadInput } from '../errors.js';
import type { ScanRequest, scan } from '../pipeline.js';
import type { ScanOutcome } from '../report/index.js';
import type { BaselineComparison } from '../schema/index.js';

/** A baseline that the rows of a candidate are compared with. */
export interface Comparand {
  readonly with: BaselineComparison['with'];
  /** Null: the rows themselves. */
  readonly baseline: { readonly uri: string; readonly sha256: string } | null;
}

/**
 * Judges rows as a batch: against a baseline this says how far they have drifted from it, against themselves whether some
 * look poisoned.
 * @throws BadInput RECORD_DAMAGED where the baseline is not the one of that digest; as scan
 */
export async function compare(
  run: typeof scan,
  { with: name, baseline }: Comparand,
  request: Omit<ScanRequest, 'baseline'>,
): Promise<BaselineComparison> {
  const said = { with: name, baseline: baseline?.sha256 ?? null };
  try {
    const outcome = await run({ ...request, ...(baseline === null ? {} : { baseline: baseline.uri }) });
    if (baseline !== null && outcome.baseline.artefact !== baseline.sha256) {
      const detail = `it holds the baseline ${outcome.baseline.artefact}`;
      throw new BadInput('RECORD_DAMAGED', { path: baseline.uri, detail });
    }
    return { ...said, ...verdictOn(outcome) };
  } catch (error) {
    // What cannot be said is told to those who approve, not hidden from them.
    if (!(error instanceof BadInput) || error.code !== 'BATCH_UNUSABLE') throw error;
    const finding = { kind: 'unknown', subject: name, excessRows: null, pValue: null, summary: error.message };
    return { ...said, verdict: 'unknown', heldShards: 0, shards: 0, findings: [finding] };
  }
}

function verdictOn({ decision }: ScanOutcome): Omit<BaselineComparison, 'with' | 'baseline'> {
  return {
    verdict: decision.verdict,
    heldShards: decision.shards.filter(({ verdict }) => verdict === 'quarantine').length,
    shards: decision.shards.length,
    findings: decision.findings.map(({ kind, subject, excessRows, pValue, evidence }) => ({
      ...{ kind, subject, pValue, summary: evidence.summary },
      excessRows: excessRows?.estimate ?? null,
    })),
  };
}
