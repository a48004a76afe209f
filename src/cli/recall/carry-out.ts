import type { AuditedAct } from '../../audit/index.js';
import { addIncident, readRecords, standingRecall } from '../../batch/index.js';
import type { Dataset } from '../../config/index.js';
import { recallBatch } from '../../enforce/index.js';
import { BadInput, Transient } from '../../errors.js';
import type { FoundVerdict } from '../../gate/index.js';
import { safeText } from '../../safe-text.js';
import type { IncidentRecord, StatusList } from '../../schema/index.js';
import { anyStore } from '../../store/index.js';
import { record } from '../audit-trail.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { eachOnce, type FailedBatch, failedBatch, failedLine, requireNoneFailed } from './failed-batch.js';
import {
  gatherIncident,
  type Incident,
  type IncidentRequest,
  incidentRecord,
  incidentText,
  recallActsIn,
} from './incident.js';
import type { Search } from './search.js';
import { readList, type StatusFile, withLock, writeList } from './status-file.js';

/** Why something is recalled, and where and how that is said. */
export interface RecallRequest extends IncidentRequest {
  readonly json?: boolean;
}

/** Says what would be recalled, and writes nothing. @throws BadInput STATUS_UNUSABLE; Transient RECALL_INCOMPLETE */
export async function tellOnly(found: Search, list: StatusFile, request: RecallRequest, io: CliIo): Promise<ExitCode> {
  const incident = await gatherIncident(found, await readList(list), request, null);
  io.stdout.write(incidentText(incident, request));
  const told = new Set(found.matching.map(({ batch }) => batch));
  for (const { dataset, batches } of found.service) {
    for (const batch of [...batches].filter((one) => !told.has(one))) {
      io.stderr.write(
        `taster: batch ${safeText(batch)} of ${dataset.name} is on its way to be released: it would be recalled\n`,
      );
    }
  }
  io.stderr.write('taster: nothing was written: this was a dry run\n');
  requireNoneFailed(incident.failed);
  return exitCodes.released;
}

/**
 * Names the batches in the list, writes that down, and moves what the service has released of them. What came of it is
 * kept in the vaults of their datasets.
 * @throws BadInput STATUS_UNUSABLE; Transient WRITE_FAILED, RECALL_INCOMPLETE
 */
export async function recall(found: Search, list: StatusFile, request: RecallRequest, io: CliIo): Promise<ExitCode> {
  const { reason = '' } = request;
  // From here on gates refuse: whatever stops what follows, nobody trains on it.
  const { written, added } = await withLock(list, () => addToList(found.matching, list, reason));
  const unsaid = await sayInLog(found.matching, added, request);
  const { recalled, failed } = await recallAll(found, list, request, io);
  const told = await gatherIncident(found, written.recalled, request, written.issued);
  const known = { ...told, recalled, failed: eachOnce([...unsaid, ...failed, ...told.failed]) };
  const unkept = await keepIncident(found, incidentRecord(known));
  const incident = { ...known, failed: eachOnce([...known.failed, ...unkept]) };
  io.stdout.write(incidentText(incident, request));
  io.stderr.write(
    `taster: ${safeText(list.path)}: ${written.recalled.length} recalled in all; renew it before ${written.expires}\n`,
  );
  if (found.service.length > 0) await withLock(list, () => keepStanding(found, list, reason));
  requireNoneFailed(incident.failed);
  const isAllMoved = recalled.every(({ files }) => files.every(({ state }) => state !== 'left'));
  return isAllMoved ? exitCodes.released : exitCodes.held;
}

/** What cannot be written down keeps nothing where training reads. */
async function sayInLog(
  matching: readonly FoundVerdict[],
  added: ReadonlySet<string>,
  request: RecallRequest,
): Promise<FailedBatch[]> {
  try {
    await record(request.audit, ...(await unrecorded(matching, added, request)));
    return [];
  } catch (error) {
    return [failedBatch(null, null, error)];
  }
}

/** In the vault of each dataset that it is about; one that takes none keeps no other from it. */
async function keepIncident({ service }: Search, incident: IncidentRecord): Promise<FailedBatch[]> {
  const failed: FailedBatch[] = [];
  for (const { dataset } of service.filter(({ batches }) => batches.size > 0)) {
    await addIncident(anyStore, dataset.vault, incident).catch((error: unknown) => {
      failed.push(failedBatch(dataset.name, null, error));
    });
  }
  return failed;
}

/**
 * Somebody may have lifted an earlier recall of a batch before this one was recorded, also where more of it failed then; or
 * this one since.
 */
async function keepStanding({ matching, service }: Search, list: StatusFile, reason: string): Promise<void> {
  const standing: FoundVerdict[] = [];
  for (const { dataset, batches } of service) {
    const own = matching.filter((one) => one.dataset === dataset.name && batches.has(one.batch));
    for (const found of own) if (await isRecalled(dataset, found.batch)) standing.push(found);
  }
  if (standing.length > 0) await addToList(standing, list, reason);
}

/** Also where its records cannot be read: that nobody has lifted it is what gates are safe with. */
async function isRecalled({ vault }: Dataset, batch: string): Promise<boolean> {
  try {
    return standingRecall(await readRecords(anyStore, vault, batch)) !== undefined;
  } catch (error) {
    if (error instanceof BadInput || error instanceof Transient) return true;
    throw error;
  }
}

/** One that cannot be recalled keeps no other where training reads. */
async function recallAll(
  { service }: Search,
  { key }: StatusFile,
  request: RecallRequest,
  io: CliIo,
): Promise<Pick<Incident, 'recalled' | 'failed'>> {
  const { reason = '', by = null } = request;
  const recalled: Incident['recalled'][number][] = [];
  const failed: FailedBatch[] = [];
  for (const { dataset, batches } of service) {
    for (const batch of batches) {
      try {
        recalled.push({ dataset: dataset.name, ...(await recallBatch(anyStore, dataset, batch, { reason, by }, key)) });
      } catch (error) {
        failed.push(failedBatch(dataset.name, batch, error));
        io.stderr.write(`taster: ${safeText(failed.map(failedLine).at(-1) ?? '')}\n`);
      }
    }
  }
  return { recalled, failed };
}

interface LongerList {
  readonly written: Omit<StatusList, 'version'>;
  /** SHA-256 of the batches that it did not name before. */
  readonly added: ReadonlySet<string>;
}

async function addToList(matching: readonly FoundVerdict[], list: StatusFile, reason: string): Promise<LongerList> {
  const earlier = await readList(list);
  const now = new Date();
  const known = new Set(earlier.map(({ sha256 }) => sha256));
  const fresh = new Map(matching.filter(({ sha256 }) => !known.has(sha256)).map((found) => [found.sha256, found]));
  const added = [...fresh.values()].map(({ batch, dataset, sha256 }) => ({
    ...{ batch, dataset, sha256, reason },
    recalled: now.toISOString(),
  }));
  return { written: await writeList(list, [...earlier, ...added], now), added: new Set(fresh.keys()) };
}

/**
 * Those that the log does not say yet: a recall that was interrupted is said once. What the list did not name is said in any
 * case: the lift of an earlier recall of it may have been written to another log.
 */
async function unrecorded(
  matching: readonly FoundVerdict[],
  added: ReadonlySet<string>,
  { audit, reason = '', by }: RecallRequest,
): Promise<AuditedAct[]> {
  const said = await recallActsIn(anyStore, audit);
  const isUnsaid = ({ sha256 }: FoundVerdict) => added.has(sha256) || !said.has(sha256);
  const fresh = new Map(matching.filter(isUnsaid).map((found) => [found.sha256, found]));
  return [...fresh.values()].map(
    ({ batch, dataset, sha256 }): AuditedAct => ({
      ...{ event: 'recall', dataset, batch: { name: batch, sha256 }, by: by ?? null, facts: { reason } },
    }),
  );
}
