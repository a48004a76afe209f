import { entriesOf } from '../../audit/index.js';
import { below, currentJudgement, readRecords } from '../../batch/index.js';
import type { Dataset } from '../../config/index.js';
import { count } from '../../count.js';
import type { RecalledFiles } from '../../enforce/index.js';
import { type FoundVerdict, lastGoodOf, type UnclearVerdict, type VerdictQuery } from '../../gate/index.js';
import { safeJson, safeText } from '../../safe-text.js';
import type { GatePass, IncidentQuery, IncidentRecord, JudgedAgain, RecalledBatch } from '../../schema/index.js';
import { anyStore, type ObjectStore } from '../../store/index.js';
import { type FailedBatch, failedBatch, failedLine } from './failed-batch.js';
import type { Search } from './search.js';

/** All that is known of what turned out bad. */
export interface Incident extends Pick<IncidentRecord, 'recalledAt' | 'by' | 'reason' | 'query' | 'lastGood'> {
  readonly matching: readonly FoundVerdict[];
  readonly consumers: readonly GatePass[];
  readonly judgedAgain: readonly JudgedAgain[];
  readonly recalled: readonly (RecalledFiles & { readonly dataset: string })[];
  readonly failed: readonly FailedBatch[];
  /** What nobody could say of whether it is meant. */
  readonly unclear: readonly UnclearVerdict[];
}

/** What a recall is about, and who says so. */
export interface IncidentRequest extends VerdictQuery {
  readonly dataset?: string;
  readonly reason?: string;
  readonly by?: string;
  /** Audit log beside those of the service. */
  readonly audit?: string;
}

/** `list`: what else was recalled, which was not good either; `recalledAt` is null of a dry run. */
export async function gatherIncident(
  found: Search,
  list: readonly RecalledBatch[],
  request: IncidentRequest,
  recalledAt: string | null,
): Promise<Incident> {
  const { reason, by, audit } = request;
  const bad = new Set([...list, ...found.matching].map(({ sha256 }) => sha256));
  // By what they say: the log of --audit may be that of a vault.
  const passes = new Map<string, GatePass>();
  const again: JudgedAgain[] = [];
  const failed: FailedBatch[] = [];
  const orFailed = (dataset: string | null, batch: string | null, work: () => Promise<void>) =>
    work().catch((error: unknown) => void failed.push(failedBatch(dataset, batch, error)));
  const addPasses = (dataset: string | null, log: string) =>
    orFailed(dataset, null, async () => {
      for (const pass of await passesIn(anyStore, log, found.matching)) passes.set(JSON.stringify(pass), pass);
    });
  if (audit !== undefined) await addPasses(null, audit);
  for (const { dataset } of found.service) {
    await addPasses(dataset.name, below(dataset.vault, 'audit'));
    const own = new Set(found.matching.filter((one) => one.dataset === dataset.name).map(({ batch }) => batch));
    for (const batch of own) {
      await orFailed(dataset.name, batch, async () => {
        const one = await judgedAgain(anyStore, dataset, batch, found.matching);
        if (one !== undefined) again.push(one);
      });
    }
  }
  return {
    recalledAt,
    by: by ?? null,
    reason: reason ?? null,
    query: incidentQuery(request),
    matching: found.matching,
    consumers: [...passes.values()],
    lastGood: lastGoodOf(found, bad),
    judgedAgain: again,
    recalled: [],
    failed,
    unclear: found.unclear,
  };
}

function incidentQuery({ dataset, batch, source, signer, trigger, since }: IncidentRequest): IncidentQuery {
  return {
    dataset: dataset ?? null,
    batch: batch === undefined ? null : [...batch],
    source: source ?? null,
    signer: signer ?? null,
    trigger: trigger ?? null,
    since: since === undefined ? null : new Date(since).toISOString(),
  };
}

/** Who has passed the gate with one of the batches and when, as an audit log says. */
async function passesIn(store: ObjectStore, log: string, matching: readonly FoundVerdict[]): Promise<GatePass[]> {
  const meant = new Set(matching.map(({ sha256 }) => sha256));
  return (await entriesOf(store, log)).flatMap(({ event, dataset, batch, by, time }) =>
    event === 'gate-pass' && batch !== null && meant.has(batch.sha256)
      ? [{ dataset, batch: batch.name, sha256: batch.sha256, consumer: by, passedAt: time }]
      : [],
  );
}

/** SHA-256 of the batches that a log says were recalled, and not that this was lifted. */
export async function recallActsIn(store: ObjectStore, log: string | undefined): Promise<ReadonlySet<string>> {
  const recalled = new Set<string>();
  for (const { event, batch } of log === undefined ? [] : await entriesOf(store, log)) {
    if (batch === null) continue;
    if (event === 'recall') recalled.add(batch.sha256);
    if (event === 'lift') recalled.delete(batch.sha256);
  }
  return recalled;
}

/** What later decisions say of batches of a dataset: the result of scanning them again. */
async function judgedAgain(
  store: ObjectStore,
  { name: dataset, vault }: Pick<Dataset, 'name' | 'vault'>,
  batch: string,
  matching: readonly FoundVerdict[],
): Promise<JudgedAgain | undefined> {
  const judgement = currentJudgement(await readRecords(store, vault, batch));
  const before = matching.filter((one) => one.dataset === dataset && one.batch === batch && one.released.length > 0);
  if (judgement === undefined || before.some(({ decision }) => decision === judgement.decision)) return undefined;
  const released = judgement.shards.filter((shard) => shard.released).length;
  return { dataset, batch, decision: judgement.decision, released, held: judgement.shards.length - released };
}

/** As it is printed and kept. */
export function incidentRecord({ matching, recalled, ...rest }: Incident): IncidentRecord {
  const { recalledAt, by, reason, query, failed, unclear, consumers, judgedAgain: again, lastGood } = rest;
  return {
    recalledAt,
    by,
    reason,
    query,
    dryRun: recalledAt === null,
    recalled: matching,
    records: recalled.map(({ dataset, batch, record }) => ({ dataset, batch, record })),
    moved: recalled.flatMap(({ dataset, batch, files }) => files.map((file) => ({ dataset, batch, ...file }))),
    failed,
    unclear,
    consumers,
    judgedAgain: again,
    lastGood,
  };
}

/** As text, or as JSON. */
export function incidentText(incident: Incident, { json }: { readonly json?: boolean }): string {
  if (json === true) return safeJson(`${JSON.stringify(incidentRecord(incident), null, 2)}\n`);
  const { matching, consumers, lastGood, judgedAgain: again, recalled, failed } = incident;
  const lines = [
    ...headLines(incident),
    ...matching.flatMap((found) => verdictLines(found, incident.recalledAt === null)),
    ...recalled.flatMap(fileLines),
    ...failed.map(failedLine),
    ...consumers.map(
      ({ dataset, batch, consumer, passedAt }) =>
        `read by     ${consumer ?? 'somebody without a name'}: ${dataset}/${batch}, at ${passedAt}`,
    ),
    ...again.map(
      ({ dataset, batch, released, held }) =>
        `again       ${dataset}/${batch} was judged again: ${count(released, 'shard')} would be released, ${held} held`,
    ),
    ...(lastGood === null ? [] : [`last good   ${lastGood.dataset}/${lastGood.batch}, judged ${lastGood.verified}`]),
  ];
  return lines.map((line) => `${safeText(line)}\n`).join('');
}

/** Nothing where a list is only renewed. */
function headLines({ recalledAt, by, reason, query, matching, recalled }: Incident): string[] {
  if (recalledAt === null || matching.length + recalled.length === 0) return [];
  const asked = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return [
    `incident    ${recalledAt}${by === null ? '' : `, by ${by}`}: ${reason}`,
    ...(asked.length === 0 ? [] : [`asked for   ${asked.join(', ')}`]),
  ];
}

function verdictLines({ dataset, batch, verified, released }: FoundVerdict, isDry: boolean): string[] {
  const what = isDry ? 'would recall' : 'recalled  ';
  const told = `${count(released.length, 'shard')} ${released.length === 1 ? 'was' : 'were'} released`;
  const line = `${what}${isDry ? ' ' : ''}${dataset}/${batch}, judged ${verified}: ${told}`;
  return [line, ...released.map(({ path }) => `            ${path}`)];
}

const STATE_WORDS = { quarantined: 'moved to   ', tagged: 'tagged     ', left: 'left as is ' } as const;

function fileLines({ files }: Incident['recalled'][number]): string[] {
  return files.map(({ path, uri, state, why }) => `${STATE_WORDS[state]} ${uri ?? path}${why ? `: ${why}` : ''}`);
}
