import { openEnvelope, parseJson } from '../attest/index.js';
import { BadInput } from '../errors.js';
import { type Report, schemaProblem, type VerdictStatement } from '../schema/index.js';
import type { ObjectStore, StoredObject } from '../store/index.js';
import { batchDigest } from './make-verdict.js';
import { VERDICT_NAME, verdictsIn } from './verdict-name.js';

const REPORT_NAME = 'report.json';

/** Which verdicts are meant; what is left out matches any. */
export interface VerdictQuery {
  /** Somebody whose rows the batch holds. */
  readonly source?: string;
  /** Somebody who signed its manifest. */
  readonly signer?: string;
  /** The text of a trigger that was found in it. */
  readonly trigger?: string;
  /** Milliseconds since 1970; verdicts from then on. */
  readonly since?: number;
  /** Names of batches. */
  readonly batch?: readonly string[];
}

/** A verdict with what it released. */
export interface FoundVerdict {
  readonly path: string;
  readonly batch: string;
  readonly dataset: string;
  /** Of the batch. */
  readonly sha256: string;
  readonly verified: string;
  /** SHA-256 of the decision that it rests on. */
  readonly decision: string;
  readonly released: readonly string[];
}

/** A place where a verdict may be, and the report that tells more of it. */
export interface VerdictPlace {
  readonly verdict: StoredObject;
  readonly reportOf: (found: FoundVerdict) => Promise<StoredObject | undefined>;
}

export interface FoundVerdicts {
  /** Oldest first. */
  readonly matching: readonly FoundVerdict[];
  /** Oldest first, of the same datasets. */
  readonly others: readonly FoundVerdict[];
}

/**
 * The verdicts in some places that match. Sources, signers and triggers are looked up in the report of a verdict.
 * @throws BadInput VERDICT_UNUSABLE where there is no such report; Transient READ_FAILED
 */
export async function findVerdicts(
  store: ObjectStore,
  places: readonly VerdictPlace[],
  query: VerdictQuery,
): Promise<FoundVerdicts> {
  const matching: FoundVerdict[] = [];
  const others: FoundVerdict[] = [];
  for (const { verdict, reportOf } of places) {
    const found = await readVerdict(store, verdict);
    if (found === undefined) continue;
    const isMeant = matches(found, await readReport(store, reportOf, found, query), query);
    (isMeant ? matching : others).push(found);
  }
  const byTime = (a: FoundVerdict, b: FoundVerdict) => (a.verified < b.verified ? -1 : 1);
  const datasets = new Set(matching.map(({ dataset }) => dataset));
  return {
    matching: matching.sort(byTime),
    others: others.filter(({ dataset }) => datasets.has(dataset)).sort(byTime),
  };
}

/** The latest verdict before the first that matches that has released anything, of a batch that is not known to be bad. */
export function lastGoodOf(
  { matching, others }: FoundVerdicts,
  bad: { has(sha256: string): boolean },
): FoundVerdict | null {
  const before = matching[0]?.verified ?? '';
  const isGood = ({ verified, sha256, released }: FoundVerdict) =>
    verified < before && released.length > 0 && !bad.has(sha256);
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
      for (const verdict of verdicts.length > 0 ? verdicts : objects) {
        places.push({ verdict, reportOf: () => Promise.resolve(report) });
      }
    }
  }
  return places;
}

async function readVerdict(store: ObjectStore, { uri, version }: StoredObject): Promise<FoundVerdict | undefined> {
  const opened = openEnvelope(parseJson(await store.read(uri, version)));
  const statement = 'problem' in opened ? undefined : parseJson(opened.payload);
  if (schemaProblem('verdict', statement) !== undefined) return undefined;
  const { subject, predicate } = statement as VerdictStatement;
  return {
    path: uri,
    batch: subject[0]?.name ?? '',
    dataset: predicate.dataset,
    sha256: batchDigest(predicate.shards),
    verified: predicate.timeVerified,
    decision: predicate.rests.decision,
    released: predicate.shards.filter(({ released }) => released).map(({ name }) => name),
  };
}

/** What a question is looked up in, where it needs to be: without it nobody could say which batches are meant. */
async function readReport(
  store: ObjectStore,
  reportOf: VerdictPlace['reportOf'],
  found: FoundVerdict,
  { source, signer, trigger }: VerdictQuery,
): Promise<Partial<Report>> {
  if ([source, signer, trigger].every((asked) => asked === undefined)) return {};
  const object = await reportOf(found);
  // Where nothing of a batch could be judged there is none, and nothing to take back.
  if (object === undefined && found.released.length === 0) return {};
  const report = object && parseJson(await store.read(object.uri, object.version));
  if (isReport(report)) return report;
  const remedy = 'Put it there, or name the verdicts that are meant, without --source, --signer and --trigger.';
  throw new BadInput('VERDICT_UNUSABLE', {
    path: found.path,
    detail: `no ${REPORT_NAME} that can be read lies beside it`,
    remedy,
  });
}

function isReport(value: unknown): value is Report {
  const { sources, findings } = (value ?? {}) as Partial<Report>;
  return Array.isArray(sources) && Array.isArray(findings);
}

function matches(
  { verified, batch: name }: FoundVerdict,
  { sources = [], findings = [], provenance = null }: Partial<Report>,
  { source, signer, trigger, since = -Infinity, batch }: VerdictQuery,
): boolean {
  return (
    Date.parse(verified) >= since &&
    (batch === undefined || batch.includes(name)) &&
    (source === undefined || sources.some(({ name }) => name === source)) &&
    (signer === undefined || (provenance?.signers ?? []).includes(signer)) &&
    (trigger === undefined || findings.some(({ kind, subject }) => kind === 'trigger' && subject === trigger))
  );
}
