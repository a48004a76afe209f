import {
  batchFolder,
  below,
  pausePath,
  pausePaths,
  promotionPath,
  recordBytes,
  rulesPath,
  rulesPaths,
  sealedBatches,
} from '../batch/index.js';
import type { AuditEntry } from '../schema/index.js';
import { type ObjectStore, type StoredObject, sha256Of, sha256OfAll } from '../store/index.js';

/** What an audit log says of the records of a vault. */
export interface RecordCheck {
  /** Sentences without full stop: records that were changed, taken away, or that no entry names. */
  readonly problems: readonly string[];
  /** Acts that were said and are not recorded: they were interrupted, or something else has come first. */
  readonly notCarriedOut: number;
  /** Records of rescans, and of what was settled, by earlier versions, which did not say so in the log. */
  readonly unnamed: number;
  /** How many objects were compared. */
  readonly compared: number;
}

type Said = Pick<AuditEntry, 'sequence' | 'event' | 'batch' | 'facts'>;

/** True where a log is that of a vault: its entries name records by digest. */
export function namesRecords(entries: readonly Said[]): boolean {
  return entries.some(({ facts }) => typeof facts['record'] === 'string' || typeof facts['candidate'] === 'string');
}

/**
 * Compares the records of a vault with what its audit log says of them, by digest: seals, judgements, reviews, rescans,
 * decisions, marks of rows, candidates, promotions, recalls and their ends, what was settled, pauses, and changed rules. Entries of earlier
 * versions name no records: these are known by their facts.
 * @throws Transient READ_FAILED
 */
export async function checkRecords(store: ObjectStore, vault: string, entries: readonly Said[]): Promise<RecordCheck> {
  const problems: string[] = [];
  let [compared, notCarriedOut, unnamed] = [0, 0, 0];
  const byPath = objectsByPath(entries);
  for (const [path, named] of byPath) {
    compared++;
    const object = await store.find(vault, path);
    const said = `entry ${named.sequence} says that ${path}`;
    if (object !== undefined) {
      if (!named.digests.has(await digestOf(store, object))) problems.push(`${said} has other content`);
    } else if (named.isProven) problems.push(`${said} was written, and it is not there`);
    else notCarriedOut++;
  }
  const unsaid = (await pausePaths(store, vault)).filter((path) => !byPath.has(path));
  // Earlier versions have said that, and not by what record.
  const earlier = entries.filter(({ event, facts }) => isPause(event) && facts['record'] === undefined).length;
  unnamed += Math.min(earlier, unsaid.length);
  // The first is what a dataset begins with, which no entry tells of before it is changed.
  const strangeRules = (await rulesPaths(store, vault)).filter((path) => path !== rulesPath(1) && !byPath.has(path));
  const strange = [...unsaid.slice(earlier), ...strangeRules];
  problems.push(...strange.map((path) => `${path} is not one that the log knows: it was slipped in`));
  const byBatch = entriesByBatch(entries);
  for (const batch of new Set([...(await sealedBatches(store, vault)), ...byBatch.keys()])) {
    const found = await readAll(store, vault, batch);
    const named = byBatch.get(batch) ?? [];
    const [strange, missing] = [strangers(batch, found, named), missingOf(batch, found, named)];
    compared += found.length;
    problems.push(...gaps(found), ...strange.problems, ...missing.problems);
    unnamed += strange.unnamed;
    notCarriedOut += missing.notCarriedOut;
  }
  return { problems, notCarriedOut, unnamed, compared };
}

/**
 * The same of a vault that is being written to: what is at fault has to be so by the log as it is after that was seen, in
 * which the entry of whatever was written meanwhile is. `readAgain` gives it.
 * @throws as checkRecords
 */
export async function checkRecordsInUse(
  store: ObjectStore,
  vault: string,
  entries: readonly Said[],
  readAgain: () => Promise<readonly Said[]>,
): Promise<RecordCheck> {
  const first = await checkRecords(store, vault, entries);
  if (first.problems.length === 0) return first;
  const second = await checkRecords(store, vault, await readAgain());
  return { ...second, problems: first.problems.filter((problem) => second.problems.includes(problem)) };
}

interface NamedObject {
  /** Of writers at the same time each says what it is about to write; one of them does. */
  readonly digests: ReadonlySet<unknown>;
  readonly sequence: number;
  /** It was there for certain: it is written before the entry, or something rests on it. */
  readonly isProven: boolean;
}

function objectsByPath(entries: readonly Said[]): Map<string, NamedObject> {
  const used = new Set(entries.flatMap(({ event, facts }) => (event === 'decision' ? [facts['artefact']] : [])));
  const planned = new Set(entries.flatMap(({ event, facts }) => (event === 'decision' ? [facts['plan']] : [])));
  const approved = new Set(
    entries.flatMap(({ event, facts }) =>
      event === 'promotion' && facts['candidate'] === undefined ? [facts['baseline']] : [],
    ),
  );
  const byPath = new Map<string, NamedObject>();
  for (const entry of entries) {
    const { baseline, plan } = entry.facts;
    for (const { path, sha256, provenBy } of namedObjects(entry)) {
      if (typeof sha256 !== 'string') continue;
      const isProven = {
        itself: true,
        approval: approved.has(baseline),
        use: used.has(baseline),
        plan: planned.has(plan),
      }[provenBy];
      const known = byPath.get(path);
      byPath.set(path, {
        digests: new Set([...(known?.digests ?? []), sha256]),
        sequence: known?.sequence ?? entry.sequence,
        isProven: isProven || known?.isProven === true,
      });
    }
  }
  return byPath;
}

interface NamedByEntry {
  readonly path: string;
  readonly sha256: unknown;
  readonly provenBy: 'itself' | 'approval' | 'use' | 'plan';
}

/** Objects whose names follow from an entry, with their digests. */
function namedObjects({ event, batch, facts }: Said): NamedByEntry[] {
  const { decision, marks, report, seal, candidate, baseline, number, approval, record, before } = facts;
  if (event === 'decision' && batch !== null && facts['record'] !== undefined) {
    const folder = `${batchFolder(batch.name)}/decisions/${decision}`;
    return [
      { path: `${folder}/decision.json`, sha256: decision, provenBy: 'itself' },
      { path: `${folder}/rows.arrow`, sha256: marks, provenBy: 'itself' },
      { path: `${folder}/report.json`, sha256: report, provenBy: 'itself' },
      { path: `${batchFolder(batch.name)}/seal.json`, sha256: seal, provenBy: 'itself' },
    ];
  }
  if (isPause(event) && record !== undefined) {
    return [{ path: pausePath(Number(number)), sha256: record, provenBy: 'itself' }];
  }
  if (event === 'policy-change') {
    return [
      { path: rulesPath(Number(number) - 1), sha256: before, provenBy: 'itself' },
      { path: rulesPath(Number(number)), sha256: record, provenBy: 'plan' },
    ];
  }
  if (event !== 'promotion') return [];
  return [
    { path: `candidates/${baseline}/candidate.json`, sha256: candidate, provenBy: 'approval' },
    { path: promotionPath(Number(number)), sha256: approval, provenBy: 'use' },
  ];
}

function isPause(event: Said['event']): boolean {
  return event === 'pause' || event === 'resume';
}

/** Those that say what a record of a batch holds. */
const BATCH_EVENTS: readonly string[] = ['decision', 'review', 'rescan', 'recall', 'lift', 'settled'];

function entriesByBatch(entries: readonly Said[]): Map<string, Said[]> {
  const byBatch = new Map<string, Said[]>();
  for (const entry of entries) {
    if (entry.batch === null || !BATCH_EVENTS.includes(entry.event)) continue;
    const known = byBatch.get(entry.batch.name);
    if (known === undefined) byBatch.set(entry.batch.name, [entry]);
    else known.push(entry);
  }
  return byBatch;
}

interface FoundRecord {
  readonly path: string;
  readonly sha256: string;
  /** What it says, as far as it can be read. */
  readonly content: Readonly<Record<string, unknown>>;
}

async function readAll(store: ObjectStore, vault: string, batch: string): Promise<FoundRecord[]> {
  const found: FoundRecord[] = [];
  const folder = below(vault, batchFolder(batch));
  if (!(await store.folders(folder)).includes('records')) return found;
  for (const object of await store.list(below(folder, 'records'))) {
    const content = await read(store, object);
    found.push({ path: object.path, sha256: sha256Of(content), content: contentOf(content) });
  }
  return found;
}

function contentOf(content: Uint8Array): FoundRecord['content'] {
  try {
    return (JSON.parse(Buffer.from(content).toString('utf8')) as FoundRecord['content'] | null) ?? {};
  } catch {
    return {};
  }
}

function gaps(found: readonly FoundRecord[]): string[] {
  return found.flatMap(({ path }, index) =>
    numberOf(path) === index + 1 ? [] : [`record ${index + 1} is missing: ${path} is there instead`],
  );
}

function numberOf(path: string): number {
  return Number.parseInt(path, 10);
}

/**
 * Judgements, reviews and rescans release shards, recalls hold them, what is settled nobody looks at again: none may be there
 * that the log does not know.
 */
function strangers(batch: string, found: readonly FoundRecord[], named: readonly Said[]) {
  const problems: string[] = [];
  let unnamed = 0;
  // Whose first decision says what rescan it answers is a batch of this version.
  let isOfEarlier = named.find(({ event }) => event === 'decision')?.facts['rescan'] === undefined && named.length > 0;
  let isSettledUnsaid = false;
  for (const [index, record] of found.entries()) {
    const { kind } = record.content;
    const entry = named.find((one) => isAbout(one, record));
    const isKnown = entry !== undefined;
    if (kind === 'rescan' && isKnown) isOfEarlier = false;
    // Versions whose decisions do not name their plan have not said what they have settled.
    if (kind === 'judged' && isKnown) isSettledUnsaid = !named.some((one) => isAbout(one, record) && one.facts['plan']);
    if (!isKnown && ((kind === 'rescan' && isOfEarlier) || (kind === 'settled' && isSettledUnsaid))) unnamed++;
    else if (!isKnown) {
      problems.push(
        `record ${record.path} of batch ${batch} is not one that the log knows: it was changed or slipped in`,
      );
    } else if (kind === 'judged' && !isOfEarlier && !isAskedFor(record, found.slice(0, index))) {
      problems.push(`record ${record.path} of batch ${batch} judges it again, and no record before asks for that`);
    }
  }
  return { problems, unnamed };
}

/** Kinds of records whose entries say their place, with what these are called. */
const NUMBERED: Readonly<Record<string, string>> = {
  rescan: 'rescan',
  recalled: 'recall',
  lifted: 'lift',
  settled: 'settled',
};

/** By digest, or where an entry of an earlier version names none, by what it says. */
function isAbout({ sequence, event, facts }: Said, { path, sha256, content }: FoundRecord): boolean {
  const { kind, entry, ...asked } = content;
  const numbered = NUMBERED[String(kind)];
  if (numbered !== undefined) {
    if (event !== numbered || facts['number'] !== numberOf(path)) return false;
    if (kind === 'settled') return facts['record'] === sha256;
    // The record names its entry, which names the record as it is without that.
    const whole = sha256Of(recordBytes({ kind, ...asked, entry: sequence }));
    return facts['record'] === sha256Of(recordBytes({ kind, ...asked })) && sha256 === whole;
  }
  if (facts['record'] !== undefined) return !Object.values(NUMBERED).includes(event) && facts['record'] === sha256;
  if (facts['decision'] !== content['decision']) return false;
  if (event === 'decision') return content['kind'] === 'judged';
  return event === 'review' && facts['action'] === content['action'] && facts['reason'] === content['reason'];
}

/** The first judgement comes unasked; each other one is what the last rescan before asks for. */
function isAskedFor({ content: { plan } }: FoundRecord, before: readonly FoundRecord[]): boolean {
  if (before.every(({ content }) => content['kind'] !== 'judged')) return true;
  const asked = before.findLastIndex(({ content }) => content['kind'] === 'rescan');
  if (asked < 0 || before[asked]?.content['plan'] !== plan) return false;
  return before.slice(asked).every(({ content }) => content['kind'] !== 'judged' || content['plan'] !== plan);
}

/** What entries tell of that is not there. Of some it is told what they followed, which has to be there. */
function missingOf(batch: string, found: readonly FoundRecord[], named: readonly Said[]) {
  const problems: string[] = [];
  let notCarriedOut = 0;
  const present = new Set(found.map(({ sha256 }) => sha256));
  const judged = new Set(found.flatMap(({ content }) => (content['kind'] === 'judged' ? [content['decision']] : [])));
  for (const entry of named) {
    const { sequence, event, facts } = entry;
    const { record, rescan, decision } = facts;
    if (typeof record !== 'string') continue;
    if (isErased(entry, found)) {
      problems.push(
        `entry ${sequence} says that batch ${batch} was recalled, and no record says so: where that was cut off, run it again`,
      );
    } else if (!found.some((one) => isAbout(entry, one))) notCarriedOut++;
    if (typeof rescan === 'string' && !present.has(rescan)) {
      problems.push(
        `entry ${sequence} says that batch ${batch} was judged again, and what had asked for it is not there`,
      );
    }
    if (event === 'review' && decision !== undefined && !judged.has(decision)) {
      problems.push(`entry ${sequence} says that batch ${batch} was reviewed, and its judgement is not there`);
    }
  }
  return { problems, notCarriedOut };
}

/** Of recalls at the same moment one is recorded: who came second has found the record of the first, at that place or later. */
function isErased({ event, facts }: Said, found: readonly FoundRecord[]): boolean {
  if (event !== 'recall') return false;
  return !found.some(
    ({ path, content }) => content['kind'] === 'recalled' && numberOf(path) >= Number(facts['number']),
  );
}

/** Marks of rows may be larger than memory. */
function digestOf(store: ObjectStore, { uri, version }: StoredObject): Promise<string> {
  return sha256OfAll(store.stream(uri, version));
}

function read(store: ObjectStore, { uri, version }: StoredObject): Promise<Uint8Array> {
  return store.read(uri, version);
}
