import { parseJson } from '../attest/index.js';
import { BadInput } from '../errors.js';
import type { IncidentVerdict, ProvenanceRecord, Report, VerdictStatement } from '../schema/index.js';
import { mapAtOnce, type ObjectStore, type StoredObject } from '../store/index.js';
import { batchDigest } from './make-verdict.js';
import { replayProblem, verdictIn } from './replayed.js';
import { VERDICT_NAME, verdictsIn } from './verdict-name.js';

const REPORT_NAME = 'report.json';

/** Which verdicts are meant; what is left out matches any. */
export interface VerdictQuery {
  /** Somebody whose rows the batch holds, as they or its manifest say. */
  readonly source?: string;
  /** Somebody who signed its manifest: by name in the trust policy, SHA-256 of the key, or identity. */
  readonly signer?: string;
  /** The text of a trigger that was found in it. */
  readonly trigger?: string;
  /** Milliseconds since 1970; verdicts from then on. */
  readonly since?: number;
  /** Names of batches. */
  readonly batch?: readonly string[];
}

/**
 * A verdict with what it released. It holds where gates follow it: no later one has taken its place, and it is no earlier one
 * that was put back.
 */
export type FoundVerdict = IncidentVerdict;

/** A place where verdicts on a batch may be, each in the place of the one before, and the report that tells more of them. */
export interface VerdictPlace {
  readonly verdicts: readonly StoredObject[];
  readonly reportOf: (found: FoundVerdict) => Promise<StoredObject | undefined>;
  /** Where a service puts verdicts: what cannot be asked there does not keep others from being found. */
  readonly isOfService?: boolean;
}

/** A verdict of which nobody can say whether it is meant. */
export interface UnclearVerdict {
  readonly path: string;
  readonly why: string;
  /** Where it is another than to look at it and to name its batch. */
  readonly remedy?: string;
}

export interface FoundVerdicts {
  /** Oldest first. */
  readonly matching: readonly FoundVerdict[];
  /** Oldest first, of the same datasets. */
  readonly others: readonly FoundVerdict[];
  readonly unclear: readonly UnclearVerdict[];
}

/**
 * The verdicts in some places that match. Sources, signers and triggers are looked up in the report of a verdict. One that is
 * not of its place, as `isOfPlace` says, is unclear, whatever is asked for: it may be there to hide what is.
 * @throws BadInput VERDICT_UNUSABLE where no such report tells outside of a service; Transient READ_FAILED
 */
export async function findVerdicts(
  store: ObjectStore,
  places: readonly VerdictPlace[],
  query: VerdictQuery,
  isOfPlace: (found: FoundVerdict) => boolean = () => true,
): Promise<FoundVerdicts> {
  const told = await mapAtOnce(places, (place) => askPlace(store, place, query, isOfPlace));
  const matching = told.flatMap((found) => found.matching);
  const others = told.flatMap((found) => found.others);
  const unclear = told.flatMap((found) => found.unclear);
  const datasets = new Set(matching.map(({ dataset }) => dataset));
  return {
    matching: matching.sort(byTime),
    others: others.filter(({ dataset }) => datasets.has(dataset)).sort(byTime),
    unclear,
  };
}

/** Orders verdicts, the first first. */
export function byTime(a: FoundVerdict, b: FoundVerdict): number {
  return a.verified < b.verified ? -1 : 1;
}

async function askPlace(
  store: ObjectStore,
  { verdicts, reportOf, isOfService }: VerdictPlace,
  query: VerdictQuery,
  isOfPlace: (found: FoundVerdict) => boolean,
): Promise<FoundVerdicts> {
  const [matching, others]: [FoundVerdict[], FoundVerdict[]] = [[], []];
  const { found: read, strange } = await readVerdicts(store, verdicts);
  const unread = isOfService === true ? strange : [];
  const unclear: UnclearVerdict[] = unread.map((path) => ({ path, why: 'it is no verdict that can be read' }));
  unclear.push(...read.filter((found) => !isOfPlace(found)).map(misplaced));
  for (const found of read.filter(isOfPlace)) {
    const isMeant = await meansBatch(store, found, () => reportOf(found), query);
    if (isMeant !== undefined) (isMeant ? matching : others).push(found);
    else if (isOfService === true) unclear.push({ path: found.path, why: `no ${REPORT_NAME} tells all that is asked` });
    else throw withoutReport(found.path);
  }
  return { matching, others, unclear };
}

function misplaced({ path, dataset, batch }: FoundVerdict): UnclearVerdict {
  const why = `it speaks of ${dataset}/${batch}, and lies beside another batch`;
  return { path, why, remedy: 'find out who wrote it, and put back what was there' };
}

/**
 * The latest verdict before the first that matches that holds and has released anything, of a batch that is not known to be
 * bad: what a later one has taken back was good to nobody.
 */
export function lastGoodOf(
  { matching, others }: FoundVerdicts,
  bad: { has(sha256: string): boolean },
): FoundVerdict | null {
  const before = matching[0]?.verified ?? '';
  const isGood = ({ verified, sha256, released, holds }: FoundVerdict) =>
    holds && verified < before && released.length > 0 && !bad.has(sha256);
  return others.findLast(isGood) ?? null;
}

/** Below folders of reports: a report beside each verdict. @throws BadInput PATH_MISSING; Transient READ_FAILED */
export async function verdictsBelow(store: ObjectStore, roots: readonly string[]): Promise<VerdictPlace[]> {
  const places: VerdictPlace[] = [];
  for (const root of roots) {
    const objects = await store.list(root);
    const byPath = new Map(objects.map((object) => [object.path, object]));
    for (const { path } of objects.filter((object) => `/${object.path}`.endsWith(`/${VERDICT_NAME}`))) {
      const folder = path.slice(0, -VERDICT_NAME.length);
      const report = byPath.get(folder + REPORT_NAME);
      const verdicts = await verdictsIn(store, root, folder);
      // A place may be the verdict itself.
      places.push({ verdicts: verdicts.length > 0 ? verdicts : objects, reportOf: () => Promise.resolve(report) });
    }
  }
  return places;
}

interface ReadVerdicts {
  readonly found: readonly FoundVerdict[];
  /** Where what cannot be read lies. */
  readonly strange: readonly string[];
}

/** Whether to believe them is for the gate to ask. */
async function readVerdicts(store: ObjectStore, verdicts: readonly StoredObject[]): Promise<ReadVerdicts> {
  const found: FoundVerdict[] = [];
  const strange: string[] = [];
  const earlier: VerdictStatement[] = [];
  for (const { uri, version } of verdicts) {
    const statement = verdictIn(await store.read(uri, version));
    if (typeof statement === 'string') strange.push(uri);
    else {
      const isLast = uri === verdicts.at(-1)?.uri;
      found.push({ ...foundVerdict(uri, statement), holds: isLast && replayProblem(statement, earlier) === undefined });
      earlier.push(statement);
    }
  }
  return { found, strange };
}

function foundVerdict(path: string, { subject, predicate }: VerdictStatement): Omit<FoundVerdict, 'holds'> {
  return {
    path,
    batch: subject[0]?.name ?? '',
    dataset: predicate.dataset,
    sha256: batchDigest(predicate.shards),
    verified: predicate.timeVerified,
    decision: predicate.rests.decision,
    released: predicate.shards
      .filter(({ released }) => released)
      .map(({ name: path, digest }) => ({ path, sha256: digest?.sha256 ?? null })),
  };
}

/** What of a verdict tells whether it is meant. */
type Asked = Pick<FoundVerdict, 'batch' | 'verified'> & Partial<Pick<FoundVerdict, 'released'>>;

/** Undefined where that is asked of a report and there is none, or none that tells. @throws Transient READ_FAILED */
export async function meansBatch(
  store: ObjectStore,
  asked: Asked,
  reportOf: () => Promise<StoredObject | undefined>,
  query: VerdictQuery,
): Promise<boolean | undefined> {
  if (!isWithin(asked, query)) return false;
  const { source, signer, trigger } = query;
  if ([source, signer, trigger].every((one) => one === undefined)) return true;
  const object = await reportOf();
  // Where nothing of a batch could be judged there is none, and nothing to take back.
  if (object === undefined && asked.released?.length === 0) return false;
  const report = object && parseJson(await store.read(object.uri, object.version));
  return isReport(report) ? tells(report, query) : undefined;
}

function withoutReport(path: string): BadInput {
  const remedy = 'Put it there, or name the verdicts that are meant, without --source, --signer and --trigger.';
  return new BadInput('VERDICT_UNUSABLE', {
    path,
    detail: `no ${REPORT_NAME} that can be read and tells all that is asked lies beside it`,
    remedy,
  });
}

function isReport(value: unknown): value is Report {
  const { sources, findings, provenance = null } = (value ?? {}) as Partial<Report>;
  return [sources, findings].every(isListOfObjects) && (provenance === null || isProvenance(provenance));
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null);
}

/** Earlier versions have left `signatures` and `sources` out. */
function isProvenance({ manifest, signers, signatures = [], sources = [] }: Partial<ProvenanceRecord>): boolean {
  const areSignatures = isListOfObjects(signatures) && signatures.every(({ identities }) => Array.isArray(identities));
  const areLists = Array.isArray(signers) && Array.isArray(sources);
  return (manifest === null || typeof manifest === 'string') && areLists && areSignatures;
}

function isWithin({ verified, batch: name }: Asked, { since = -Infinity, batch }: VerdictQuery): boolean {
  return Date.parse(verified) >= since && (batch === undefined || batch.includes(name));
}

/** Undefined where nothing speaks against it, and the report was written by a version that did not note all that is asked. */
function tells({ sources, findings, provenance }: Report, query: VerdictQuery): boolean | undefined {
  const { source, signer, trigger } = query;
  const answers = [
    signer === undefined || isSigned(provenance, signer),
    trigger === undefined || findings.some(({ kind, subject }) => kind === 'trigger' && subject === trigger),
    source === undefined || sources.some(({ name }) => name === source) || isNamed(provenance, source),
  ];
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/** By name, key or identity; undefined where only names were noted. */
function isSigned(provenance: Report['provenance'], signer: string): boolean | undefined {
  const { signers = [], signatures } = provenance ?? {};
  if (signers.includes(signer)) return true;
  if (signatures === undefined && signers.length > 0) return undefined;
  return (signatures ?? []).some(({ key, identities }) => key === signer || identities.includes(signer));
}

/** By the manifest; undefined where that was not noted. */
function isNamed(provenance: Report['provenance'], source: string): boolean | undefined {
  return (provenance?.manifest ?? null) === null ? false : provenance?.sources?.includes(source);
}
