import { currentJudgement, readRecords, sealedBatches } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { share } from '../count.js';
import { readDecision } from '../enforce/index.js';
import type { JudgedRecord, ServiceCheck } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { advice, fine, orProblem } from './check.js';

/** Fewer say little of a rate of a few per cent. */
const FEWEST = 20;
const MOST_BATCHES = 500;
/** How far above the configured rate clean batches may seem to be held by chance and drift. */
const TOLERATED = 2;

/** Whether a dataset that is observed may be enforced: by how many of its last batches, by name, would have been held. */
export function checkHoldRate(store: ObjectStore, dataset: Dataset): Promise<ServiceCheck[]> {
  const subject = `datasets.${dataset.name}.mode`;
  return orProblem(subject, async () => {
    if (dataset.policy.mode === 'enforce') return [fine(subject, 'enforce')];
    return [await observed(store, dataset, subject)];
  });
}

async function observed(store: ObjectStore, { vault, policy }: Dataset, subject: string): Promise<ServiceCheck> {
  let [judged, held] = [0, 0];
  for (const batch of (await sealedBatches(store, vault)).slice(-MOST_BATCHES)) {
    const judgement = currentJudgement(await readRecords(store, vault, batch));
    if (judgement?.mode !== 'observe') continue;
    judged += 1;
    if (await wouldBeHeld(store, vault, batch, judgement)) held += 1;
  }
  const configured = `falseQuarantineRate is ${share(policy.falseQuarantineRate)}`;
  const found = `observe: enforce would have held ${held} of ${judged} batches`;
  if (judged < FEWEST) return advice(subject, found, `Observe at least ${FEWEST} batches before you enforce.`);
  const rate = `${found} (${share(held / judged)}; ${configured})`;
  if (held / judged <= TOLERATED * policy.falseQuarantineRate) {
    return advice(subject, rate, 'Set mode to enforce: sound batches are not held more often than you have chosen.');
  }
  const remedy =
    'Look at the reports of these batches: hold what is poison by enforcing, and add rows that are right to the trusted data first.';
  return advice(subject, rate, remedy);
}

async function wouldBeHeld(store: ObjectStore, vault: string, batch: string, { decision }: JudgedRecord) {
  return (await readDecision(store, vault, batch, decision)).verdict === 'quarantine';
}
