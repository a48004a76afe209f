import { readLog } from '../audit/index.js';
import { below, currentJudgement, readRecords } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import type { RecalledFiles } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import type { FoundVerdict } from '../gate/index.js';
import { safeJson, safeText } from '../report/index.js';
import type { AuditEntry } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

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
}

/** Who has passed the gate with one of the batches, as audit logs say: those that are named, and of the vaults. */
export async function consumersOf(
  store: ObjectStore,
  logs: readonly string[],
  datasets: readonly Dataset[],
  matching: readonly FoundVerdict[],
): Promise<string[]> {
  const meant = new Set(matching.map(({ sha256 }) => sha256));
  const consumers = new Set<string>();
  for (const log of new Set([...logs, ...datasets.map(({ vault }) => below(vault, 'audit'))])) {
    for (const { event, batch, by } of await entriesOf(store, log)) {
      if (event === 'gate-pass' && meant.has(batch?.sha256 ?? '')) consumers.add(by ?? 'somebody without a name');
    }
  }
  return [...consumers];
}

/** SHA-256 of the batches that a log says were recalled. */
export async function recallActsIn(store: ObjectStore, log: string | undefined): Promise<ReadonlySet<string>> {
  const entries = log === undefined ? [] : await entriesOf(store, log);
  return new Set(entries.flatMap(({ event, batch }) => (event === 'recall' && batch !== null ? [batch.sha256] : [])));
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

/** What later decisions say of the batches: the result of scanning them again. */
export async function judgedAgain(
  store: ObjectStore,
  datasets: readonly Dataset[],
  matching: readonly FoundVerdict[],
): Promise<JudgedAgain[]> {
  const again: JudgedAgain[] = [];
  for (const dataset of datasets) {
    const own = matching.filter((one) => one.dataset === dataset.name);
    for (const batch of new Set(own.map((one) => one.batch))) {
      const records = await readRecords(store, dataset.vault, batch);
      const judgement = currentJudgement(records);
      const before = own.filter((one) => one.batch === batch && one.released.length > 0);
      if (judgement === undefined || before.some(({ decision }) => decision === judgement.decision)) continue;
      const released = judgement.shards.filter((shard) => shard.released).length;
      const held = judgement.shards.length - released;
      again.push({ dataset: dataset.name, batch, decision: judgement.decision, released, held });
    }
  }
  return again;
}

/** As text, or as JSON. */
export function incidentText(incident: Incident, { json }: { readonly json?: boolean }): string {
  const { reason, isDry, matching, consumers, lastGood, judgedAgain: again, recalled } = incident;
  if (json === true) {
    const moved = recalled.flatMap(({ dataset, batch, files }) => files.map((file) => ({ dataset, batch, ...file })));
    const told = { reason, dryRun: isDry, recalled: matching, moved, consumers, judgedAgain: again, lastGood };
    return safeJson(`${JSON.stringify(told, null, 2)}\n`);
  }
  const lines = [
    ...matching.flatMap((found) => verdictLines(found, isDry)),
    ...recalled.flatMap(fileLines),
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
  return files.map(({ path, uri, state }) => `${STATE_WORDS[state]} ${uri ?? path}`);
}
