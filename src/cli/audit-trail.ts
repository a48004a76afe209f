import { type AuditedAct, appendEntry } from '../audit/index.js';
import { batchOf } from '../gate/index.js';
import type { ScanOutcome } from '../report/index.js';
import { anyStore } from '../store/index.js';

/** Writes down what is about to be said: what cannot be recorded is not said. Does nothing without a log. */
export async function record(log: string | undefined, ...acts: readonly AuditedAct[]): Promise<void> {
  if (log === undefined) return;
  for (const act of acts) await appendEntry(anyStore, log, act);
}

export function decisionAct(outcome: ScanOutcome, dataset: string | undefined): AuditedAct {
  const { decision, policy, baseline, provenance } = outcome;
  return {
    event: 'decision',
    dataset: dataset ?? provenance?.dataset ?? null,
    batch: batchOf(outcome),
    by: null,
    facts: {
      verdict: decision.verdict,
      mode: decision.mode,
      shards: decision.shards.length,
      released: decision.shards.filter(({ released }) => released).length,
      policy: policy.sha256,
      baseline: baseline.sha256,
      manifest: provenance?.manifest ?? null,
    },
  };
}
