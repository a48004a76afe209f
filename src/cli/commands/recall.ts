import { Argument, Command, InvalidArgumentError } from 'commander';
import type { AuditedAct } from '../../audit/index.js';
import { below, readRecords, standingRecall } from '../../batch/index.js';
import { type Dataset, datasetOf, type Environment, loadConfig, loadSigningKey } from '../../config/index.js';
import { findReleased, findUnderway, recallBatch } from '../../enforce/index.js';
import { BadInput, Transient } from '../../errors.js';
import { type FoundVerdict, type FoundVerdicts, findVerdicts, lastGoodOf, verdictsBelow } from '../../gate/index.js';
import { safeText } from '../../safe-text.js';
import type { RecalledBatch, StatusList } from '../../schema/index.js';
import { anyStore } from '../../store/index.js';
import { record } from '../audit-trail.js';
import { eachOnce, type FailedBatch, failedBatch, failedLine, requireNoneFailed } from '../failed-batch.js';
import { consumersIn, type Incident, incidentText, judgedAgain, recallActsIn } from '../incident.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { parseDays } from '../lifetime.js';
import { lift } from '../lift.js';
import { assertLocal } from '../output-folder.js';
import { readList, type StatusFile, withLock, writeList } from '../status-file.js';

interface RecallFlags {
  readonly status: string;
  readonly key: string;
  readonly config?: string;
  readonly dataset?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly batch?: readonly string[];
  readonly source?: string;
  readonly signer?: string;
  readonly trigger?: string;
  readonly since?: number;
  readonly days: number;
  readonly audit?: string;
  readonly lift?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The shorter, the sooner a gate that cannot see new lists refuses; each list has to be renewed in time. */
const STATUS_DAYS = 7;
/** Options that say which batches are meant. */
const QUERIES = ['batch', 'source', 'signer', 'trigger', 'since'];
/** As schemas/batch-record.schema.json says. */
const MOST_NAME = 200;
const MOST_REASON = 10_000;

const afterHelp = `
Examples:
  taster recall --config taster.config.json --source mallory --dry-run \\
    --status status.json --key scanner.pem
  taster recall --config taster.config.json --batch monday --by ann \\
    --status status.json --key scanner.pem --reason "planted reviews"
  taster recall ./reports --source mallory --since 2026-03-01 \\
    --status status.json --key scanner.pem --reason "planted reviews"
  taster recall --status status.json --key scanner.pem
  taster recall --lift --config taster.config.json --batch monday --by ben \\
    --status status.json --key scanner.pem --reason "it was tuesday"

Adds the batches of the verdicts it finds to a signed list; \`taster gate
--status\` refuses them from then on, and everything once the list is too old.
Without places it renews the list.

With --config it looks through what the service has released, by the reports in
the vault, and then moves it: a verdict that releases nothing takes the place of
the last one, what was released is copied to quarantine, compared, and removed
from where training reads (in place: tagged). After an interruption the same
command goes on where it was. A later judgement releases nothing of it again:
\`taster review reopen\` and \`release\` do.

--lift takes a recall back that was made in error: an entry of the audit log
and a record say who and why, and the list names the batch no more. Nothing is
released by that: its shards wait for \`taster review release\`, also after
later judgements. A recall that was cut off is run to its end first.

Exit codes:
  0  the list is written, and says what was asked; with --config all is moved
  1  no verdict or recall matches: nothing was done; or something that lies
     among what was released is not what was judged, and was left there
  2  wrong list, key, configuration or command line
  3  the surroundings failed, or some batches: the incident says which and
     why, all others are recalled. Try again`;

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a date, as 2026-03-01, or a time in UTC.');
  return time;
}

async function run(places: readonly string[], flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  requireWords(flags);
  assertLocal('--status', flags.status);
  if (flags.lift === true) return runLift(places, flags, io);
  const datasets = datasetsOf(flags);
  const isSearch = places.length > 0 || datasets.length > 0;
  requireQuery(isSearch, datasets, flags);
  const list = { path: flags.status, key: loadSigningKey(flags.key), days: flags.days };
  const found = await search(places, datasets, flags);
  for (const {
    path,
    why,
    remedy = 'look at it yourself, and name its batch with --batch if it is meant',
  } of found.unclear)
    io.stderr.write(`taster: ${safeText(path)}: ${why}: ${remedy}\n`);
  if (isSearch && found.matching.length === 0 && found.service.every(({ batches }) => batches.size === 0)) {
    io.stderr.write('taster: no verdict matches: nothing was recalled\n');
    return exitCodes.held;
  }
  const code = await (flags.dryRun === true ? tellOnly(found, list, flags, io) : recall(found, list, flags, io));
  return found.unclear.length > 0 ? exitCodes.held : code;
}

function requireQuery(isSearch: boolean, datasets: readonly Dataset[], flags: RecallFlags): void {
  if (datasets.length > 0 && !QUERIES.some((name) => name in flags)) {
    const detail = 'with --config say what is meant: --batch, --source, --signer, --trigger or --since';
    throw new BadInput('USAGE', { detail });
  }
  if (isSearch && !flags.reason && flags.dryRun !== true)
    throw new BadInput('USAGE', { detail: '--reason is missing: why are they recalled?' });
}

async function runLift(places: readonly string[], flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const { batch: batches, by, reason, dataset, audit, config, json = false } = flags;
  if (batches === undefined || by === undefined || reason === undefined)
    throw new BadInput('USAGE', { detail: '--lift needs --batch, --by and --reason: which, who says so, and why' });
  const isOther = places.length > 0 || flags.dryRun === true || QUERIES.some((one) => one !== 'batch' && one in flags);
  if (isOther) throw new BadInput('USAGE', { detail: '--lift is about batches by name: it takes --batch alone' });
  if (config === undefined && audit === undefined)
    throw new BadInput('USAGE', { detail: '--lift needs --config, or --audit: it is written down' });
  const list = { path: flags.status, key: loadSigningKey(flags.key), days: flags.days };
  const datasets = config === undefined ? [] : datasetsOf(flags);
  return lift(datasets, list, { batches, dataset, reason, by, audit, json }, io);
}

/** As records and lists can hold them. */
function requireWords({ by, reason }: RecallFlags): void {
  const isOdd = (text: string | undefined, most: number) => text !== undefined && (text === '' || text.length > most);
  if (isOdd(by, MOST_NAME)) throw new BadInput('USAGE', { detail: `--by takes 1 to ${MOST_NAME} characters` });
  if (isOdd(reason, MOST_REASON))
    throw new BadInput('USAGE', { detail: `--reason takes 1 to ${MOST_REASON} characters` });
}

/** Those of the service that are meant. */
function datasetsOf({ config, dataset }: RecallFlags): Dataset[] {
  if (config === undefined) {
    if (dataset === undefined) return [];
    throw new BadInput('USAGE', { detail: '--dataset needs --config, which says where it lies' });
  }
  const loaded = loadConfig(config);
  return dataset === undefined ? [...loaded.datasets.values()] : [datasetOf(loaded, dataset)];
}

interface Search extends FoundVerdicts {
  /** Batches of the service that match. */
  readonly service: readonly { readonly dataset: Dataset; readonly batches: ReadonlySet<string> }[];
}

async function search(places: readonly string[], datasets: readonly Dataset[], flags: RecallFlags): Promise<Search> {
  const all = [await findVerdicts(anyStore, await verdictsBelow(anyStore, places), flags)];
  const service: Search['service'][number][] = [];
  for (const dataset of datasets) {
    const found = await findReleased(anyStore, dataset, flags);
    const matched = new Set(found.matching.map(({ batch }) => batch));
    const underway = await findUnderway(anyStore, dataset, flags, matched);
    service.push({ dataset, batches: new Set([...matched, ...underway.batches]) });
    const { matching, others, unclear } = found;
    const isUntold = ({ batch }: FoundVerdict) => underway.untold.some((one) => one.batch === batch);
    all.push({
      matching: [...matching, ...underway.untold],
      // No verdict on what is recalled was good.
      others: others.filter((one) => !isUntold(one)),
      unclear: [...unclear, ...underway.unclear],
    });
  }
  const byTime = (a: FoundVerdict, b: FoundVerdict) => (a.verified < b.verified ? -1 : 1);
  return {
    matching: all.flatMap(({ matching }) => matching).sort(byTime),
    others: all.flatMap(({ others }) => others).sort(byTime),
    unclear: all.flatMap(({ unclear }) => unclear),
    service,
  };
}

async function tellOnly(found: Search, list: StatusFile, flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const incident = await incidentOf(found, await readList(list), flags);
  io.stdout.write(incidentText(incident, flags));
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

async function recall(found: Search, list: StatusFile, flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const { status, reason = '' } = flags;
  // From here on gates refuse: whatever stops what follows, nobody trains on it.
  const { written, added } = await withLock(list, () => addToList(found.matching, list, reason));
  const unsaid = await sayInLog(found.matching, added, flags);
  const { recalled, failed } = await recallAll(found, list, flags, io);
  const told = await incidentOf(found, written.recalled, flags);
  const incident = { ...told, recalled, failed: eachOnce([...unsaid, ...failed, ...told.failed]) };
  io.stdout.write(incidentText(incident, flags));
  io.stderr.write(
    `taster: ${safeText(status)}: ${written.recalled.length} recalled in all; renew it before ${written.expires}\n`,
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
  flags: RecallFlags,
): Promise<FailedBatch[]> {
  try {
    await record(flags.audit, ...(await unrecorded(matching, added, flags)));
    return [];
  } catch (error) {
    return [failedBatch(null, null, error)];
  }
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
  flags: RecallFlags,
  io: CliIo,
): Promise<Pick<Incident, 'recalled' | 'failed'>> {
  const { reason = '', by = null } = flags;
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

async function incidentOf(
  found: Search,
  list: readonly RecalledBatch[],
  { reason, audit, dryRun }: RecallFlags,
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
    isDry: dryRun === true,
    matching: found.matching,
    consumers: [...consumers],
    lastGood: lastGoodOf(found, bad),
    judgedAgain: again,
    recalled: [],
    failed,
    unclear: found.unclear,
  };
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
  { audit, reason = '', by }: RecallFlags,
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

/** For an option that may be repeated. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `taster recall`; hands its exit code to `finish`. */
export function recallCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('recall')
    .description('Takes back verdicts: the gate lets their batches through no more.')
    .addArgument(new Argument('[places...]', 'folders of reports with signed verdicts, or single verdicts'))
    .requiredOption('--status <file>', 'the signed list of what was recalled')
    .requiredOption('--key <file>', 'private key of a trusted verifier, PEM')
    .option('--config <file>', 'JSON: datasets of the service; what it has released\nis moved into quarantine')
    .option('--dataset <name>', 'of them this one alone')
    .option('--reason <text>', 'why, for whoever is refused')
    .option('--by <name>', 'who says so')
    .option('--batch <name>', 'only batches of this name; may be repeated', collect)
    .option('--source <name>', 'only batches with rows of this source')
    .option('--signer <name>', 'only batches whose manifest this sender signed')
    .option('--trigger <text>', 'only batches in which this trigger was found')
    .option('--since <date>', 'only verdicts from then on', parseTime)
    .option('--audit <log>', 'audit log: who read them; the recall is added to it')
    .option('--days <n>', 'how long the list counts', parseDays, STATUS_DAYS)
    .option('--lift', 'say that recalls of these batches were made in error')
    .option('--dry-run', 'tell what would be recalled, and write nothing')
    .option('--json', 'print the incident as JSON')
    .addHelpText('after', afterHelp)
    .action(async (places: string[], flags: RecallFlags) => finish(await run(places, flags, io)));
}
