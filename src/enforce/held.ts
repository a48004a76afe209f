import { batchFolder, below, currentJudgement, readRecords } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { Decision, Finding } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { type StandingShard, standings, withdrawn } from './standing.js';

interface HeldShard extends Pick<StandingShard, 'path' | 'standing' | 'approvals'> {
  readonly findings: readonly string[];
  /** An earlier decision had released it. */
  readonly isWithdrawn: boolean;
}

/** What is held of a batch, and the findings that it rests on. */
export interface Held {
  readonly dataset: string;
  readonly batch: string;
  /** SHA-256 of the decision. */
  readonly decision: string;
  readonly shards: readonly HeldShard[];
  readonly findings: readonly Finding[];
}

/** Undefined where the batch is not judged. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function heldOf(
  store: ObjectStore,
  { name, vault, approvals: needed }: Pick<Dataset, 'name' | 'vault' | 'approvals'>,
  batch: string,
): Promise<Held | undefined> {
  const records = await readRecords(store, vault, batch);
  const judgement = currentJudgement(records);
  if (judgement === undefined) return undefined;
  const decision = await readDecision(store, vault, batch, judgement.decision);
  const findingsOf = new Map(decision.shards.map(({ path, findings }) => [path, findings]));
  const takenBack = withdrawn(records, needed);
  const shards = standings(records, needed)
    .filter(({ standing }) => standing !== 'released')
    .map(({ path, standing, approvals }) => {
      const isWithdrawn = takenBack.includes(path);
      return { path, standing, findings: findingsOf.get(path) ?? [], isWithdrawn, approvals };
    });
  const named = new Set(shards.flatMap(({ findings }) => findings));
  const findings = decision.findings.filter(({ id }) => named.has(id));
  return { dataset: name, batch, decision: judgement.decision, shards, findings };
}

/** The decision of that digest. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function readDecision(
  store: ObjectStore,
  vault: string,
  batch: string,
  decision: string,
): Promise<Decision> {
  const folder = below(vault, batchFolder(batch), 'decisions', decision);
  const object = await store.find(folder, 'decision.json');
  if (object === undefined) throw new BadInput('RECORD_DAMAGED', { path: folder, detail: 'its decision.json is gone' });
  const content = await store.read(object.uri);
  if (sha256Of(content) !== decision) {
    throw new BadInput('RECORD_DAMAGED', { path: object.uri, detail: 'it is not the decision that its name says' });
  }
  return JSON.parse(Buffer.from(content).toString('utf8')) as Decision;
}
