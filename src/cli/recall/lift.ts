import type { AuditedAct } from '../../audit/index.js';
import { below } from '../../batch/index.js';
import type { Dataset } from '../../config/index.js';
import { type LiftedRecall, liftRecall } from '../../enforce/index.js';
import { BadInput } from '../../errors.js';
import { safeJson, safeText } from '../../safe-text.js';
import type { RecalledBatch } from '../../schema/index.js';
import { anyStore } from '../../store/index.js';
import { record } from '../audit-trail.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { type FailedBatch, failedBatch, failedLine, requireNoneFailed } from './failed-batch.js';
import { readKnownList, type StatusFile, withLock, writeList } from './status-file.js';

/** Which recalls were made in error, and who says so. */
export interface LiftRequest {
  readonly batches: readonly string[];
  readonly dataset: string | undefined;
  readonly reason: string;
  readonly by: string;
  readonly audit: string | undefined;
  readonly json: boolean;
}

/** What is added to the incident of a recall; what was said of it then stays. */
interface Amendment extends Pick<LiftRequest, 'reason' | 'by'> {
  readonly lifted: readonly (LiftedRecall & { readonly dataset: string })[];
  /** What the list names no more. */
  readonly unlisted: readonly RecalledBatch[];
  readonly failed: readonly FailedBatch[];
}

/**
 * Says that recalls were made in error: in the audit log, among the records of the batches, and by a list without them, which
 * is written last. Nothing is released by that.
 * @throws BadInput USAGE, PATH_MISSING, STATUS_UNUSABLE; Transient WRITE_FAILED, RECALL_INCOMPLETE
 */
export async function lift(
  datasets: readonly Dataset[],
  list: StatusFile,
  request: LiftRequest,
  io: CliIo,
): Promise<ExitCode> {
  // Who recalls again meanwhile waits, and adds what is taken off here.
  const amendment = await withLock(list, () => amend(datasets, list, request));
  if (amendment === undefined) {
    io.stderr.write('taster: no recall of that name stands: nothing was lifted\n');
    return exitCodes.held;
  }
  io.stdout.write(amendmentText(amendment, request.json));
  requireNoneFailed(amendment.failed);
  return exitCodes.released;
}

async function amend(
  datasets: readonly Dataset[],
  list: StatusFile,
  request: LiftRequest,
): Promise<Amendment | undefined> {
  const { batches, dataset, reason, by, audit } = request;
  const names = datasets.map(({ name }) => name);
  requireOneDataset(names);
  // An empty list in its place would be one that gates believe.
  const listed = await readKnownList(list);
  const isMeant = (one: RecalledBatch) =>
    batches.includes(one.batch) &&
    (dataset === undefined || one.dataset === dataset) &&
    (names.length === 0 || names.includes(one.dataset));
  const meant = listed.filter(isMeant);
  if (names.length === 0) requireOneDataset(meant.map((one) => one.dataset));
  const { lifted, failed } = await liftRecords(datasets, request);
  const isFailed = (one: RecalledBatch) =>
    failed.some((other) => other.dataset === one.dataset && other.batch === one.batch);
  const unlisted = meant.filter((one) => !isFailed(one));
  if (lifted.length + unlisted.length + failed.length === 0) return undefined;
  await record(audit, ...unlisted.map((one) => liftAct(one, request)));
  // What was never recalled in the vault, or was lifted before, has no record to lift.
  const isLifted = (one: RecalledBatch) => lifted.some(({ batch }) => batch === one.batch);
  const rest = audit === undefined ? unlisted.filter((one) => !isLifted(one)) : [];
  for (const one of rest) await record(logOf(datasets), liftAct(one, request));
  await writeList(
    list,
    listed.filter((one) => !unlisted.includes(one)),
  );
  return { reason, by, lifted, unlisted, failed };
}

/** Names of batches tell them apart within a dataset only. */
function requireOneDataset(names: readonly string[]): void {
  const [, second] = new Set(names);
  if (second === undefined) return;
  const detail = `say with --dataset which is meant: ${[...new Set(names)].join(', ')}`;
  throw new BadInput('USAGE', { detail });
}

function logOf([dataset]: readonly Dataset[]): string | undefined {
  return dataset && below(dataset.vault, 'audit');
}

async function liftRecords(datasets: readonly Dataset[], { batches, reason, by }: LiftRequest) {
  const lifted: Amendment['lifted'][number][] = [];
  const failed: FailedBatch[] = [];
  for (const dataset of datasets) {
    for (const batch of new Set(batches)) {
      try {
        const one = await liftRecall(anyStore, dataset, batch, { reason, by });
        if (one !== undefined) lifted.push({ dataset: dataset.name, ...one });
      } catch (error) {
        failed.push(failedBatch(dataset.name, batch, error));
      }
    }
  }
  return { lifted, failed };
}

function liftAct({ batch, dataset, sha256 }: RecalledBatch, { reason, by }: LiftRequest): AuditedAct {
  return { event: 'lift', dataset, batch: { name: batch, sha256 }, by, facts: { reason } };
}

function amendmentText({ reason, by, lifted, unlisted, failed }: Amendment, isJson: boolean): string {
  if (isJson) {
    const told = lifted.map(({ dataset, batch, record: number, recall }) => {
      const { reason: why, by: who, at } = recall.record;
      return { dataset, batch, record: number, recall: { record: recall.number, reason: why, by: who, at } };
    });
    return safeJson(`${JSON.stringify({ reason, by, lifted: told, unlisted, failed }, null, 2)}\n`);
  }
  const lines = [
    ...lifted.map(
      ({ dataset, batch, recall: { record: recalled } }) =>
        `lifted      ${dataset}/${batch}, recalled ${recalled.at}: ${recalled.reason}; its shards wait for a review`,
    ),
    ...unlisted.map(({ dataset, batch, recalled }) => `off list    ${dataset}/${batch}, recalled ${recalled}`),
    ...failed.map(failedLine),
  ];
  return lines.map((line) => `${safeText(line)}\n`).join('');
}
