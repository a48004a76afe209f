import type { SigningKey } from '../attest/index.js';
import { addRecord, below, currentJudgement, isEnforced, readRecords, readSeal } from '../batch/index.js';
import { type Dataset, version } from '../config/index.js';
import { BadInput, Bug } from '../errors.js';
import { daysAfter, verdictName } from '../gate/index.js';
import type { BatchRecord, JudgedRecord, Seal, SealedShard, SettledRecord, VerdictShard } from '../schema/index.js';
import { mapAtOnce, type ObjectStore } from '../store/index.js';
import { auditSettled } from './audit-trail.js';
import { mark, markBeside, tagOf } from './mark.js';
import { holds, place, removeOriginal } from './place.js';
import { sealedShard } from './sealed-shard.js';
import { type Standing, type StandingShard, standings, withdrawn } from './standing.js';
import { formerRests, isSame, restOf, verdictShards } from './verdict-shards.js';
import { addVerdict, isOverruled, type LastVerdict, lastVerdict } from './verdicts.js';

type Settings = Pick<
  Dataset,
  | 'name'
  | 'incoming'
  | 'released'
  | 'quarantine'
  | 'vault'
  | 'keepOriginals'
  | 'placement'
  | 'verdictDays'
  | 'policy'
  | 'approvals'
>;

/** What became of a batch. */
interface Enforced {
  /** The decision that it rests on. */
  readonly decision: string;
  readonly shards: readonly Pick<StandingShard, 'path' | 'standing'>[];
}

/**
 * Does with the shards of a batch what its judgement and reviews say: copies, then the verdict that makes them data, then,
 * where so configured, the end of the originals, and records that it is done. What of it was done before stays as it is.
 * @throws BadInput AUDIT_REFUSED, RECORD_DAMAGED; Transient TARGET_TAKEN, READ_FAILED, WRITE_FAILED
 */
export async function enforce(
  store: ObjectStore,
  dataset: Settings,
  batch: string,
  key: SigningKey | null,
  hasMarked = false,
): Promise<Enforced> {
  const { vault } = dataset;
  const seal = await readSeal(store, vault, batch);
  // Before the records: a verdict that somebody else writes on newer ones leaves no room for ours.
  const last = await lastVerdict(store, dataset.released, batch);
  const records = await readRecords(store, vault, batch);
  const judgement = requireJudged(records, batch);
  if (seal === undefined) throw new Bug(`batch ${batch} is not sealed`);
  if (isEnforced(records) && !isOverruled(last, standings(records, dataset.approvals))) {
    // Marks that were set on what others knew to be over are set right: by whoever looks next, where in place all rests on them.
    if (hasMarked || dataset.placement === 'in-place') {
      await mark(store, dataset, seal, standings(records, dataset.approvals), 'all');
      await markBeside(store, dataset, seal, last.statement?.predicate.shards ?? []);
    }
    return enforcedBy(judgement, records, dataset);
  }
  const record = await settle(store, dataset, { seal, judgement, records, last }, key);
  const number = records.length + 1;
  // Said before it holds: what lies there by then no record says unasked.
  if (record !== undefined) await auditSettled(store, dataset, batch, { judged: judgement, number, settled: record });
  const isLast = record !== undefined && (await addRecord(store, vault, batch, records.length, record));
  // Somebody else has settled it meanwhile, or there is more to do: both are seen by looking again.
  if (!isLast) return enforce(store, dataset, batch, key, true);
  return enforcedBy(judgement, [...records, record], dataset);
}

function requireJudged(records: readonly BatchRecord[], batch: string): JudgedRecord {
  const judgement = currentJudgement(records);
  if (judgement === undefined) throw new Bug(`batch ${batch} is not judged`);
  return judgement;
}

function enforcedBy(
  { decision }: JudgedRecord,
  records: readonly BatchRecord[],
  { approvals }: Pick<Dataset, 'approvals'>,
): Enforced {
  return { decision, shards: standings(records, approvals) };
}

interface JudgedBatch {
  readonly seal: Seal;
  readonly judgement: JudgedRecord;
  readonly records: readonly BatchRecord[];
  readonly last: LastVerdict;
}

/** Undefined where somebody else has written a verdict meanwhile. */
async function settle(
  store: ObjectStore,
  dataset: Settings,
  { seal, judgement, records, last }: JudgedBatch,
  key: SigningKey | null,
): Promise<SettledRecord | undefined> {
  const { batch } = seal;
  const { number, statement, isReplayed } = last;
  const isInPlace = dataset.placement === 'in-place';
  const from = {
    seal,
    judgement,
    withdrawn: withdrawn(records, dataset.approvals),
    isFirst: records.length === 1,
    placed: isInPlace ? NOTHING_PLACED : await copiesOf(store, dataset, batch),
  };
  const lieIn = (shards: readonly StandingShard[]) =>
    mapAtOnce(shards, async (shard) => ({
      ...shard,
      ...(await (isInPlace ? stayShard : placeShard)(store, dataset, from, shard)),
    }));
  const standing = standings(records, dataset.approvals);
  // Nobody is to read on what is recalled while it is copied.
  const isLate = (shard: StandingShard) => shard.standing === 'recalled' && !isInPlace;
  const recalled = standing.filter(isLate);
  const placed = await cleanPlaced(store, dataset, from, await lieIn(standing.filter((shard) => !isLate(shard))));
  const spoken = [...placed, ...recalled].flatMap(verdictShards);
  const shards = [...spoken, ...(await formerRests(store, dataset, { seal, records, last }, spoken))];
  await mark(store, dataset, seal, placed, 'held');
  await markWithdrawn(store, dataset, from, shards);
  const isSaid =
    !isReplayed &&
    statement?.predicate.rests.decision === judgement.decision &&
    isSame(statement.predicate.shards, shards);
  const content = verdictContent(dataset, batch, judgement, shards, last);
  const verdict = isSaid ? verdictName(number) : await addVerdict(store, dataset, number, content, key);
  if (verdict === undefined) return undefined;
  // Only now: what a tag lets through a verdict has released.
  await mark(store, dataset, seal, placed, 'released');
  await markBeside(store, dataset, seal, placed.flatMap(restOf));
  const quarantined = await lieIn(recalled);
  await mark(store, dataset, seal, quarantined, 'held');
  const all = [...placed, ...quarantined];
  if (!dataset.keepOriginals) await removeOriginals(store, dataset, seal, all);
  const changed = all.filter((shard) => shard.standing === 'changed').map(({ path }) => path);
  return { kind: 'settled', verdict, changed };
}

interface PlacedShard extends StandingShard {
  /** What was made of it, where it was cleaned. */
  readonly cleaned?: VerdictShard;
  readonly isMarked?: boolean;
}

/** How a shard stands, and where it lies where it is to be cleaned. */
interface Lying {
  readonly standing: Standing;
  /** True of a copy in quarantine that was tagged as it was made. */
  readonly isMarked?: boolean;
  readonly origin?: SealedShard;
}

async function cleanPlaced(
  store: ObjectStore,
  dataset: Settings,
  { seal, judgement: { decision, marks } }: Pick<JudgedBatch, 'seal' | 'judgement'>,
  lying: readonly (StandingShard & Lying)[],
): Promise<PlacedShard[]> {
  const asked = lying.flatMap(({ origin, path, sha256 }) =>
    origin === undefined || sha256 === null ? [] : [{ origin, path, sha256 }],
  );
  if (asked.length === 0) return lying.map(({ origin: _, ...shard }) => shard);
  // Loaded where it is needed: it reads and writes tables, and most of those who load this copy and judge.
  const { cleanShards } = await import('./clean.js');
  const cleaned = await cleanShards(store, dataset, { seal, decision, marks }, asked);
  return lying.map(({ origin, ...shard }) => {
    if (origin === undefined) return shard;
    const copy = cleaned.get(shard.path);
    return copy === undefined ? { ...shard, standing: 'changed' } : { ...shard, cleaned: copy };
  });
}

/** What verdicts have released before lies there on: copies that the next one holds are tagged before it is written. */
async function markWithdrawn(
  store: ObjectStore,
  dataset: Settings,
  { seal, placed }: Pick<Placing, 'seal' | 'placed'>,
  shards: readonly VerdictShard[],
): Promise<void> {
  const there = placed.get(dataset.released);
  const held = shards.filter(({ name, released }) => !released && (there === undefined || there.has(name)));
  await markBeside(store, dataset, seal, held);
}

function verdictContent(
  { name, verdictDays }: Settings,
  batch: string,
  { mode, decision, rests }: JudgedRecord,
  shards: readonly VerdictShard[],
  { newest }: LastVerdict,
) {
  const now = new Date();
  const expires = daysAfter(now, verdictDays);
  // Gates refuse one that is older than those before it, by whatever clock these were written.
  const verified = new Date(Math.max(now.getTime(), newest));
  return { dataset: name, batch, version, verified, expires, mode, shards, rests: { decision, ...rests } };
}

/** Root → paths of a batch of which something lies there. */
type CopiesThere = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING_PLACED: CopiesThere = new Map();
const PATTERN = /[*?![\]{}()]/;

/** One listing says of a thousand shards what a request each would; where none can be made each is asked for. */
async function copiesOf(store: ObjectStore, { released, quarantine }: Settings, batch: string): Promise<CopiesThere> {
  const copies = new Map<string, ReadonlySet<string>>();
  // Listed, such a name would stand for others.
  if (PATTERN.test(batch)) return copies;
  await mapAtOnce([released, quarantine], async (root) => {
    const paths = await pathsBelow(store, below(root, batch));
    if (paths !== undefined) copies.set(root, paths);
  });
  return copies;
}

async function pathsBelow(store: ObjectStore, root: string): Promise<ReadonlySet<string> | undefined> {
  try {
    // As a folder: an object of the same name is another thing.
    return new Set((await store.list(`${root}/`)).map(({ path }) => path));
  } catch (error) {
    return error instanceof BadInput && error.code === 'PATH_MISSING' ? new Set() : undefined;
  }
}

interface Placing extends Pick<JudgedBatch, 'seal'> {
  /** Paths of shards that an earlier decision had released, and that are held by now. */
  readonly withdrawn: readonly string[];
  readonly placed: CopiesThere;
  /** True where nothing has been said of the batch before: then it lies where it arrived, or where it belongs already. */
  readonly isFirst: boolean;
}

/** Puts a copy of a shard where it belongs and says how it stands then. */
async function placeShard(
  store: ObjectStore,
  dataset: Settings,
  { seal, withdrawn: takenBack, isFirst, placed }: Placing,
  { path, sha256, standing }: StandingShard,
): Promise<Lying> {
  // Of what could not be read nothing is known that a copy could be compared with.
  if (sha256 === null) return { standing };
  const { incoming, released, quarantine } = dataset;
  const target = `${seal.batch}/${path}`;
  const isReleased = standing === 'released';
  // Where originals are removed, what was released and is held by now lies nowhere else.
  const former = takenBack.includes(path) ? await store.find(released, target) : undefined;
  const kept = (isFirst ? undefined : await store.find(quarantine, target)) ?? former;
  const original = await findOriginal(store, below(incoming, seal.folder), sealedShard(seal, path));
  const origin = kept ?? original;
  const root = isReleased ? released : quarantine;
  const isThere = origin === undefined && (await store.find(root, target)) !== undefined;
  if (origin === undefined && !isThere) return { standing: 'changed' };
  const from = origin ?? sealedShard(seal, path);
  // What is released is tagged once a verdict says so.
  const tags = isReleased ? {} : { tags: tagOf(false) };
  const copy = { path: target, sha256, ...tags, isMissing: placed.get(root)?.has(path) === false };
  // What was released may have been written over since.
  const again = standing === 'recalled' ? original : undefined;
  const how = (await place(store, from, root, copy)) ?? (again && (await place(store, again, root, copy)));
  if (how === undefined) return { standing: 'changed' };
  const lying = { standing, isMarked: how === 'copied' && !isReleased };
  return standing === 'cleaned' ? { ...lying, origin: { ...from, path } } : lying;
}

/** Leaves a shard where it arrived, and says how it stands: it counts only while its bytes are those that were judged. */
async function stayShard(
  store: ObjectStore,
  dataset: Settings,
  { seal }: Pick<JudgedBatch, 'seal'>,
  { path, sha256, standing }: StandingShard,
): Promise<Lying> {
  if (sha256 === null) return { standing };
  const origin = sealedShard(seal, path);
  if (!(await holds(store, below(dataset.incoming, seal.folder), origin, sha256))) return { standing: 'changed' };
  return standing === 'cleaned' ? { standing, origin } : { standing };
}

/** An object with a version can still be copied when another has taken its place. */
async function findOriginal(store: ObjectStore, folder: string, shard: SealedShard): Promise<SealedShard | undefined> {
  if (shard.version !== undefined) return shard;
  return (await store.find(folder, shard.path)) === undefined ? undefined : shard;
}

/** Those of which a copy lies where it belongs. */
async function removeOriginals(
  store: ObjectStore,
  { incoming }: Settings,
  seal: Seal,
  shards: readonly StandingShard[],
): Promise<void> {
  for (const { path, sha256, standing } of shards) {
    if (sha256 === null || standing === 'changed') continue;
    await removeOriginal(store, below(incoming, seal.folder), sealedShard(seal, path), sha256);
  }
}
