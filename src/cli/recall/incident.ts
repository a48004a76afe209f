import { readLog } from '../../audit/index.js';
import { below, currentJudgement, readRecords } from '../../batch/index.js';
import type { Dataset } from '../../config/index.js';
import type { RecalledFiles } from '../../enforce/index.js';
import { BadInput } from '../../errors.js';
import { type FoundVerdict, lastGoodOf, type UnclearVerdict } from '../../gate/index.js';
import { safeJson, safeText } from '../../safe-text.js';
import type { AuditEntry, RecalledBatch } from '../../schema/index.js';
import { anyStore, type ObjectStore } from '../../store/index.js';
import { type FailedBatch, failedBatch, failedLine } from './failed-batch.js';
import type { Search } from './search.js';

/** A recalled batch that was judged again since its verdict. */
interface JudgedAgain {
  readonly dataset: string;
  readonly batch: string;
  readonly decision: string;
  /** How many shards that decision would release, and hold. */
  readonly released: number;
  readonly held: number;
}

/** All that is known of what turned out bad. */
export interface Incident {
  readonly reason: string | null;
  readonly isDry: boolean;
  readonly matching: readonly FoundVerdict[];
  readonly consumers: readonly string[];
  readonly lastGood: FoundVerdict | null;
  readonly judgedAgain: readonly JudgedAgain[];
  readonly recalled: readonly (RecalledFiles & { readonly dataset: string })[];
  readonly failed: readonly FailedBatch[];
  /** What nobody could say of whether it is meant. */
  readonly unclear: readonly UnclearVerdict[];
}

/** `list`: what else was recalled, which was not good either. */
export async function gatherIncident(
  found: Search,
  list: readonly RecalledBatch[],
  { reason, audit, isDry = false }: { readonly reason?: string; readonly audit?: string; readonly isDry?: boolean },
): Promise<Incident> {
  const bad = new Set([...list, ...found.matching].map(({ sha256 }) => sha256));
  const consumers = new Set<string>();
  const again: Incident['judgedAgain'][number][] = [];
  const failed: FailedBatch[] = [];
  const orFailed = (dataset: string | null, batch: string | null, work: () => Promise<void>) =>
    work().catch((error: unknown) => void failed.push(failedBatch(dataset, batch, error)));
  const addConsumers = (dataset: string | null, log: string) =>
    orFailed(dataset, null, async () => {
      for (const consumer of await consumersIn(anyStore, log, found.matching)) consumers.add(consumer);
    });
  if (audit !== undefined) await addConsumers(null, audit);
  for (const { dataset } of found.service) {
    await addConsumers(dataset.name, below(dataset.vault, 'audit'));
    const own = new Set(found.matching.filter((one) => one.dataset === dataset.name).map(({ batch }) => batch));
    for (const batch of own) {
      await orFailed(dataset.name, batch, async () => {
        const one = await judgedAgain(anyStore, dataset, batch, found.matching);
        if (one !== undefined) again.push(one);
      });
    }
  }
  return {
    reason: reason ?? null,
    isDry,
    matching: found.matching,
    consumers: [...consumers],
    lastGood: lastGoodOf(found, bad),
    judgedAgain: again,
    recalled: [],
    failed,
    unclear: found.unclear,
  };
}

/** Who has passed the gate with one of the batches, as an audit log says. */
async function consumersIn(store: ObjectStore, log: string, matching: readonly FoundVerdict[]): Promise<string[]> {
  const meant = new Set(matching.map(({ sha256 }) => sha256));
  return (await entriesOf(store, log))
    .filter(({ event, batch }) => event === 'gate-pass' && meant.has(batch?.sha256 ?? ''))
    .map(({ by }) => by ?? 'somebody without a name');
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

/** None of a log that nobody has written to yet. */
async function entriesOf(store: ObjectStore, log: string): Promise<readonly AuditEntry[]> {
  try {
    return (await readLog(store, log)).entries;
  } catch (error) {
    if (error instanceof BadInput && error.code === 'PATH_MISSING') return [];
    throw error;
  }
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

/** As text, or as JSON. */
export function incidentText(incident: Incident, { json }: { readonly json?: boolean }): string {
  const { reason, isDry, matching, consumers, lastGood, judgedAgain: again, recalled, failed } = incident;
  if (json === true) {
    const moved = recalled.flatMap(({ dataset, batch, files }) => files.map((file) => ({ dataset, batch, ...file })));
    const records = recalled.map(({ dataset, batch, record }) => ({ dataset, batch, record }));
    const { unclear } = incident;
    const what = { recalled: matching, records, moved, failed, unclear };
    const told = { reason, dryRun: isDry, ...what, consumers, judgedAgain: again, lastGood };
    return safeJson(`${JSON.stringify(told, null, 2)}\n`);
  }
  const lines = [
    ...matching.flatMap((found) => verdictLines(found, isDry)),
    ...recalled.flatMap(fileLines),
    ...failed.map(failedLine),
    ...consumers.map((consumer) => `read by     ${consumer}`),
    ...again.map(
      ({ dataset, batch, released, held }) =>
        `again       ${dataset}/${batch} was judged again: ${released} shards would be released, ${held} held`,
    ),
    ...(lastGood === null ? [] : [`last good   ${lastGood.dataset}/${lastGood.batch}, judged ${lastGood.verified}`]),
  ];
  return lines.map((line) => `${safeText(line)}\n`).join('');
}

function verdictLines({ dataset, batch, verified, released }: FoundVerdict, isDry: boolean): string[] {
  const what = isDry ? 'would recall' : 'recalled  ';
  const line = `${what}${isDry ? ' ' : ''}${dataset}/${batch}, judged ${verified}: ${released.length} shards were released`;
  return [line, ...released.map((name) => `            ${name}`)];
}

const STATE_WORDS = { quarantined: 'moved to   ', tagged: 'tagged     ', left: 'left as is ' } as const;

function fileLines({ files }: Incident['recalled'][number]): string[] {
  return files.map(({ path, uri, state, why }) => `${STATE_WORDS[state]} ${uri ?? path}${why ? `: ${why}` : ''}`);
}
