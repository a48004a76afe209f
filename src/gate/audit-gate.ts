import { basename, resolve } from 'node:path';
import { type AuditedAct, appendEntry } from '../audit/index.js';
import { BadInput } from '../errors.js';
import type { ObjectStore } from '../store/index.js';
import { batchDigest } from './make-verdict.js';
import type { GateOutcome } from './pass-gate.js';

/** Who asks the gate, and where that is written down. */
export interface Asker {
  /** Folder or s3:// URI of the audit log; without it nothing is written down. */
  readonly audit?: string | undefined;
  /** Who is going to read; needs `audit`. */
  readonly consumer?: string | undefined;
  /** What is in the log where no verdict says. */
  readonly dataset?: string | undefined;
}

/** Writes down what the gate is about to answer: what cannot be recorded is not said. @throws as appendEntry */
export async function recordAnswer(store: ObjectStore, outcome: GateOutcome, asker: Asker): Promise<void> {
  if (asker.audit !== undefined) await appendEntry(store, asker.audit, gateAct(outcome, asker));
}

/**
 * What is unusable ends before the gate has an answer: it lets nothing through either, and is written down. Others read the
 * log: it says what the batch is called, and not where on the machine of whoever asked.
 * @throws BadInput USAGE where a consumer is named and no log; what `work` throws; as appendEntry
 */
export async function recordUnanswered<T>(
  store: ObjectStore,
  batch: string,
  asker: Asker,
  work: () => Promise<T>,
): Promise<T> {
  if (asker.consumer !== undefined && asker.audit === undefined) {
    const detail = 'a consumer is named and no audit log: nothing would say who has read what; name one: --audit';
    throw new BadInput('USAGE', { detail });
  }
  try {
    return await work();
  } catch (error) {
    // A log that is not as it was takes no entry.
    if (error instanceof BadInput && error.code !== 'AUDIT_REFUSED') {
      const problems = [`${basename(resolve(batch))}: ${error.code}`];
      await recordAnswer(store, { subject: null, passed: [], heldBack: 0, problems }, asker);
    }
    throw error;
  }
}

function gateAct({ subject, passed, problems }: GateOutcome, { consumer, dataset }: Asker): AuditedAct {
  const [first] = problems;
  const list = passed.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } }));
  return {
    event: first === undefined ? 'gate-pass' : 'gate-refusal',
    dataset: subject?.dataset ?? dataset ?? null,
    batch: subject && { name: subject.name, sha256: subject.sha256 },
    by: consumer ?? null,
    facts:
      first === undefined ? { shards: passed.length, list: batchDigest(list) } : { problems: problems.length, first },
  };
}
