import { parseJson } from '../attest/index.js';
import { type Report, schemaProblem, type VerdictStatement } from '../schema/index.js';
import type { ObjectStore, StoredObject } from '../store/index.js';
import { batchDigest } from './make-verdict.js';
import { VERDICT_NAME } from './pass-gate.js';

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
}

/** A verdict with what it released. */
export interface FoundVerdict {
  readonly path: string;
  readonly batch: string;
  readonly dataset: string;
  /** Of the batch. */
  readonly sha256: string;
  readonly verified: string;
  readonly released: readonly string[];
}

/**
 * The verdicts below some places that match, oldest first, and the latest of the same datasets that does not. Sources,
 * signers and triggers are looked up in the report beside a verdict.
 * @throws BadInput PATH_MISSING; Transient READ_FAILED
 */
export async function findVerdicts(
  store: ObjectStore,
  roots: readonly string[],
  query: VerdictQuery,
): Promise<{ readonly matching: readonly FoundVerdict[]; readonly lastGood: FoundVerdict | null }> {
  const matching: FoundVerdict[] = [];
  const others: FoundVerdict[] = [];
  for (const { verdict, report } of await listVerdicts(store, roots)) {
    const found = await readVerdict(store, verdict);
    if (found === undefined) continue;
    const isMeant = matches(found, report && (await readReport(store, report)), query);
    (isMeant ? matching : others).push(found);
  }
  const byTime = (a: FoundVerdict, b: FoundVerdict) => (a.verified < b.verified ? -1 : 1);
  const datasets = new Set(matching.map(({ dataset }) => dataset));
  const [first] = matching.sort(byTime);
  const earlier = others.filter(({ dataset, verified }) => datasets.has(dataset) && verified < (first?.verified ?? ''));
  return { matching, lastGood: earlier.sort(byTime).at(-1) ?? null };
}

async function listVerdicts(store: ObjectStore, roots: readonly string[]) {
  const objects = (await Promise.all(roots.map((root) => store.list(root)))).flat();
  const byUri = new Map(objects.map((object) => [object.uri, object]));
  return objects
    .filter(({ path }) => path === VERDICT_NAME || path.endsWith(`/${VERDICT_NAME}`))
    .map((verdict) => ({ verdict, report: byUri.get(verdict.uri.slice(0, -VERDICT_NAME.length) + REPORT_NAME) }));
}

async function readVerdict(store: ObjectStore, { uri, version }: StoredObject): Promise<FoundVerdict | undefined> {
  const envelope = parseJson(await store.read(uri, version)) as { readonly payload?: unknown } | undefined;
  const statement = parseJson(Buffer.from(String(envelope?.payload ?? ''), 'base64'));
  if (schemaProblem('verdict', statement) !== undefined) return undefined;
  const { subject, predicate } = statement as VerdictStatement;
  return {
    path: uri,
    batch: subject[0]?.name ?? '',
    dataset: predicate.dataset,
    sha256: batchDigest(predicate.shards),
    verified: predicate.timeVerified,
    released: predicate.shards.filter(({ released }) => released).map(({ name }) => name),
  };
}

async function readReport(store: ObjectStore, { uri, version }: StoredObject): Promise<Partial<Report> | undefined> {
  return parseJson(await store.read(uri, version)) as Partial<Report> | undefined;
}

function matches(
  { verified }: FoundVerdict,
  { sources = [], findings = [], provenance = null }: Partial<Report> = {},
  { source, signer, trigger, since = -Infinity }: VerdictQuery,
): boolean {
  return (
    Date.parse(verified) >= since &&
    (source === undefined || sources.some(({ name }) => name === source)) &&
    (signer === undefined || (provenance?.signers ?? []).includes(signer)) &&
    (trigger === undefined || findings.some(({ kind, subject }) => kind === 'trigger' && subject === trigger))
  );
}
