import { readLog } from '../audit/index.js';
import { batchFolder, below, currentJudgement, readRecords } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import {
  batchDigest,
  type FoundVerdict,
  type FoundVerdicts,
  findVerdicts,
  meansBatch,
  type UnclearVerdict,
  type VerdictPlace,
  type VerdictQuery,
  verdictsIn,
} from '../gate/index.js';
import type { AuditEntry, JudgedRecord, ReviewedRecord } from '../schema/index.js';
import { mapAtOnce, type ObjectStore } from '../store/index.js';
import { isData, isRelease, standings } from './standing.js';

/**
 * The verdicts beside the released batches of a dataset that match, with all others of the same batches. Their reports are
 * those of the decisions in the vault; a batch that the vault does not know was released by nobody. What lies in the folder
 * of a batch and speaks of another, or of another dataset, is unclear.
 * @throws BadInput VERDICT_UNUSABLE; Transient READ_FAILED
 */
export async function findReleased(
  store: ObjectStore,
  { name, released, vault }: Pick<Dataset, 'name' | 'released' | 'vault'>,
  query: VerdictQuery,
): Promise<FoundVerdicts> {
  const places = await mapAtOnce(await store.folders(released), async (batch) => {
    const verdicts = await verdictsIn(store, released, `${batch}/`);
    const reportIn = ({ decision }: FoundVerdict) => reportOf(store, vault, batch, decision);
    const place: VerdictPlace = { verdicts, isOfService: true, reportOf: reportIn };
    return { batch, place, isKnown: await isKnown(store, vault, batch) };
  });
  const folderOf = new Map(places.flatMap(({ batch, place }) => place.verdicts.map(({ uri }) => [uri, batch])));
  const known = places.filter((found) => found.isKnown).map(({ place }) => place);
  const unknown = places.filter((found) => !found.isKnown).map(({ place }) => place);
  const isOwn = ({ dataset, batch, path }: FoundVerdict) => dataset === name && folderOf.get(path) === batch;
  const { matching, others, unclear } = await findVerdicts(store, known, query, isOwn);
  const meant = new Set(matching.map(({ batch }) => batch));
  const all = [...matching, ...others].sort((a, b) => (a.verified < b.verified ? -1 : 1));
  return {
    matching: all.filter(({ batch }) => meant.has(batch)),
    others: all.filter(({ batch }) => !meant.has(batch)),
    unclear: [...unclear, ...(await strangers(store, unknown, query))],
  };
}

/** Also where its records are damaged. */
async function isKnown(store: ObjectStore, vault: string, batch: string): Promise<boolean> {
  return (await readRecords(store, vault, batch).catch(nullWhereDamaged))?.length !== 0;
}

/** Verdicts on batches that nobody has judged here: forged, or the records were taken away. */
async function strangers(
  store: ObjectStore,
  places: readonly VerdictPlace[],
  query: VerdictQuery,
): Promise<UnclearVerdict[]> {
  const { matching, unclear } = await findVerdicts(store, places, query);
  return [...matching, ...unclear].map(({ path }) => ({
    path,
    why: 'the vault does not know its batch',
    remedy: 'find out who wrote it; to have gates refuse it, name its folder without --config',
  }));
}

interface Underway extends Pick<FoundVerdicts, 'unclear'> {
  readonly batches: readonly string[];
  /** Those of them beside which verdicts lie, none of which matches, as the vault knows them. */
  readonly untold: readonly FoundVerdict[];
}

type Place = Pick<Dataset, 'name' | 'released' | 'vault' | 'approvals'>;

/**
 * Batches that match and are judged to be released, at least in part, of which no verdict that matches tells: they are being
 * placed, wait for a worker, or something else was put in the place of their verdict. `matched` are those of which one tells.
 * One whose records cannot be read keeps no other from being found.
 * @throws Transient READ_FAILED
 */
export async function findUnderway(
  store: ObjectStore,
  place: Place,
  query: VerdictQuery,
  matched: ReadonlySet<string>,
): Promise<Underway> {
  const timesOf = releaseTimes(store, place.vault);
  const unmatched = (await store.folders(below(place.vault, 'batches'))).filter((batch) => !matched.has(batch));
  const found = await mapAtOnce(unmatched, (batch) => askVault(store, place, batch, query, timesOf));
  return {
    batches: found.flatMap(({ batches }) => batches),
    untold: found.flatMap(({ untold }) => untold),
    unclear: found.flatMap(({ unclear }) => unclear),
  };
}

const NOT_MEANT: Underway = { batches: [], untold: [], unclear: [] };

async function askVault(
  store: ObjectStore,
  place: Place,
  batch: string,
  query: VerdictQuery,
  timesOf: ReleaseTimes,
): Promise<Underway> {
  const { name: dataset, released, vault, approvals } = place;
  const path = below(vault, batchFolder(batch));
  const unclear = (why: string): Underway => ({ ...NOT_MEANT, unclear: [{ path, why }] });
  const records = await readRecords(store, vault, batch).catch(nullWhereDamaged);
  if (records === null) return unclear('its records cannot be read');
  const judged = currentJudgement(records);
  const data = standings(records, approvals).filter(isData);
  if (judged === undefined || data.length === 0) return NOT_MEANT;
  const { decision } = judged;
  const means = (verified: string) =>
    meansBatch(store, { batch, verified }, () => reportOf(store, vault, batch, decision), query);
  const now = new Date().toISOString();
  const isMeant = await means(now);
  if (isMeant === false) return NOT_MEANT;
  const isTold = (await verdictsIn(store, released, `${batch}/`)).length > 0;
  // Of what nobody can say whether it is meant too much is taken back rather than too little.
  if (!isTold) return { ...NOT_MEANT, batches: [batch] };
  if (isMeant === undefined) return unclear('no report of its decision can be read');
  // What verdicts say of their time counts for nothing here: somebody may have put them there to hide it.
  const verified = await timesOf(batch, decision);
  if (verified === undefined && query.since !== undefined)
    return unclear('no entry of the audit log says when it was decided on');
  if (verified !== undefined && (await means(verified)) === false) return NOT_MEANT;
  const sha256 = digestOf(judged);
  const shards = data.map((shard) => ({ path: shard.path, sha256: shard.sha256 }));
  const known = { path, batch, dataset, sha256, decision, released: shards, holds: false };
  return { ...NOT_MEANT, batches: [batch], untold: [{ ...known, verified: verified ?? now }] };
}

function digestOf({ shards }: JudgedRecord): string {
  return batchDigest(
    shards.map(({ path, sha256, released }) => ({
      ...{ name: path, released },
      digest: sha256 === null ? null : { sha256 },
    })),
  );
}

/** When the audit log says that a batch was last released by that decision, or by reviews of it. */
type ReleaseTimes = (batch: string, decision: string) => Promise<string | undefined>;

/** The log is read once, and only where it is asked. */
function releaseTimes(store: ObjectStore, vault: string): ReleaseTimes {
  let log: Promise<readonly AuditEntry[]> | undefined;
  return async (batch, decision) => {
    log ??= readLog(store, below(vault, 'audit')).then(
      ({ entries }) => entries,
      (error) => nullWhereDamaged(error) ?? [],
    );
    const isOf = ({ batch: about, facts }: AuditEntry) => about?.name === batch && facts['decision'] === decision;
    return (await log).findLast((entry) => isOf(entry) && mayRelease(entry))?.time;
  };
}

function mayRelease({ event, facts }: AuditEntry): boolean {
  return event === 'decision' || (event === 'review' && isRelease(facts['action'] as ReviewedRecord['action']));
}

function nullWhereDamaged(error: unknown): null {
  if (error instanceof BadInput) return null;
  throw error;
}

function reportOf(store: ObjectStore, vault: string, batch: string, decision: string) {
  return store.find(below(vault, batchFolder(batch), 'decisions', decision), 'report.json');
}
