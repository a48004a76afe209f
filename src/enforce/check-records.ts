import { batchFolder, below } from '../batch/index.js';
import type { AuditEntry } from '../schema/index.js';
import { type ObjectStore, type StoredObject, sha256Of } from '../store/index.js';

/** What an audit log says of the records of a vault. */
export interface RecordCheck {
  /** Sentences without full stop: records that were changed, taken away, or that no entry names. */
  readonly problems: readonly string[];
  /** Reviews that were said and are not recorded: they were interrupted, or changed by a rescan in between. */
  readonly notCarriedOut: number;
  /** How many objects were compared. */
  readonly compared: number;
}

type Said = Pick<AuditEntry, 'sequence' | 'event' | 'batch' | 'facts'>;

/** True where a log is that of a vault: its entries name records by digest. */
export function namesRecords(entries: readonly Said[]): boolean {
  return entries.some(({ facts }) => typeof facts['record'] === 'string' || typeof facts['candidate'] === 'string');
}

/**
 * Compares the records of a vault with what its audit log says of them, by digest: judgements, reviews, decisions, marks of
 * rows, candidates and promotions. Entries of earlier versions name none, and say nothing of theirs.
 * @throws Transient READ_FAILED
 */
export async function checkRecords(store: ObjectStore, vault: string, entries: readonly Said[]): Promise<RecordCheck> {
  const problems: string[] = [];
  let [compared, notCarriedOut] = [0, 0];
  const compare = async (path: string, sha256: unknown, entry: Said) => {
    if (typeof sha256 !== 'string') return;
    compared++;
    const object = await store.find(vault, path);
    const said = `entry ${entry.sequence} says that ${path}`;
    if (object === undefined) problems.push(`${said} was written, and it is not there`);
    else if (sha256Of(await read(store, object)) !== sha256) problems.push(`${said} has other content`);
  };
  for (const entry of entries) for (const [path, sha256] of namedObjects(entry)) await compare(path, sha256, entry);
  for (const [batch, named] of recordsByBatch(entries)) {
    const found = await readAll(store, vault, batch);
    compared += found.length;
    problems.push(...gaps(found), ...strangers(found, named));
    const present = new Set(found.map(({ sha256 }) => sha256));
    for (const { sequence, event, facts } of named) {
      if (present.has(String(facts['record']))) continue;
      if (event === 'review') notCarriedOut++;
      else problems.push(`entry ${sequence} says that batch ${batch} was judged, and no such record is there`);
    }
  }
  return { problems, notCarriedOut, compared };
}

/** Objects whose names follow from an entry, with their digests. */
function namedObjects({ event, batch, facts }: Said): (readonly [path: string, sha256: unknown])[] {
  const { decision, marks, report, candidate, baseline, number, approval } = facts;
  if (event === 'decision' && batch !== null && facts['record'] !== undefined) {
    const folder = `${batchFolder(batch.name)}/decisions/${decision}`;
    return [
      [`${folder}/decision.json`, decision],
      [`${folder}/rows.arrow`, marks],
      [`${folder}/report.json`, report],
    ];
  }
  if (event !== 'promotion') return [];
  const version = String(number).padStart(6, '0');
  return [
    [`candidates/${baseline}/candidate.json`, candidate],
    [`promotions/${version}/approval.json`, approval],
  ];
}

function recordsByBatch(entries: readonly Said[]): Map<string, Said[]> {
  const byBatch = new Map<string, Said[]>();
  for (const entry of entries) {
    if (entry.batch === null || typeof entry.facts['record'] !== 'string') continue;
    byBatch.set(entry.batch.name, [...(byBatch.get(entry.batch.name) ?? []), entry]);
  }
  return byBatch;
}

interface FoundRecord {
  readonly path: string;
  readonly sha256: string;
  readonly kind: unknown;
}

async function readAll(store: ObjectStore, vault: string, batch: string): Promise<FoundRecord[]> {
  const found: FoundRecord[] = [];
  if ((await store.find(vault, `${batchFolder(batch)}/records/000001.json`)) === undefined) return found;
  for (const object of await store.list(below(vault, batchFolder(batch), 'records'))) {
    const content = await read(store, object);
    found.push({ path: object.path, sha256: sha256Of(content), kind: kindOf(content) });
  }
  return found;
}

function kindOf(content: Uint8Array): unknown {
  try {
    return (JSON.parse(Buffer.from(content).toString('utf8')) as { readonly kind?: unknown } | null)?.kind;
  } catch {
    return undefined;
  }
}

function gaps(found: readonly FoundRecord[]): string[] {
  return found.flatMap(({ path }, index) =>
    Number.parseInt(path, 10) === index + 1 ? [] : [`record ${index + 1} is missing: ${path} is there instead`],
  );
}

/** Judgements and reviews release shards: none may be there that the log does not know. */
function strangers(found: readonly FoundRecord[], named: readonly Said[]): string[] {
  const known = new Set(named.map(({ facts }) => facts['record']));
  return found.flatMap(({ path, sha256, kind }) => {
    if (kind === 'settled' || kind === 'rescan' || known.has(sha256)) return [];
    return [
      `record ${path} of batch ${named[0]?.batch?.name} is not one that the log knows: it was changed or slipped in`,
    ];
  });
}

function read(store: ObjectStore, { uri, version }: StoredObject): Promise<Uint8Array> {
  return store.read(uri, version);
}
