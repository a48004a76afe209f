import { batchFolder, below, currentJudgement, readRecords } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { BatchRecord, Decision, Finding, FindingKind } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { type Standing, type StandingShard, standings, withdrawn } from './standing.js';

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

/** Which shards of a batch are meant: those that stand so, and that a finding holds of which all is true that is said here. */
export interface HeldFilter {
  readonly standings?: readonly Standing[];
  readonly kind?: FindingKind;
  readonly source?: string;
  readonly finding?: string;
}

/** Undefined where the batch is not judged. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function heldOf(
  store: ObjectStore,
  dataset: Pick<Dataset, 'name' | 'vault' | 'approvals'>,
  batch: string,
): Promise<Held | undefined> {
  return heldBy(store, dataset, batch, await readRecords(store, dataset.vault, batch));
}

/** The same by records that were read before. @throws as heldOf */
export async function heldBy(
  store: ObjectStore,
  { name, vault, approvals: needed }: Pick<Dataset, 'name' | 'vault' | 'approvals'>,
  batch: string,
  records: readonly BatchRecord[],
): Promise<Held | undefined> {
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
  const held = { dataset: name, batch, decision: judgement.decision, shards };
  return { ...held, findings: findingsOn(shards, decision.findings) };
}

function findingsOn(shards: readonly HeldShard[], findings: readonly Finding[]): Finding[] {
  const named = new Set(shards.flatMap((shard) => shard.findings));
  return findings.filter(({ id }) => named.has(id));
}

/** The shards that are meant, and the findings that they rest on. */
export function narrowed(held: Held, { standings: wanted, kind, source, finding }: HeldFilter): Held {
  const isAny = kind === undefined && source === undefined && finding === undefined;
  const meant = new Set(
    held.findings
      .filter((found) => kind === undefined || found.kind === kind)
      .filter((found) => source === undefined || (found.scope === 'source' && found.subject === source))
      .filter((found) => finding === undefined || found.id === finding)
      .map(({ id }) => id),
  );
  const shards = held.shards
    .filter(({ standing }) => wanted?.includes(standing) ?? true)
    .filter(({ findings }) => isAny || findings.some((id) => meant.has(id)));
  return { ...held, shards, findings: findingsOn(shards, held.findings) };
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
