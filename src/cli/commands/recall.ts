import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import type { SigningKey } from '../../attest/index.js';
import type { AuditedAct } from '../../audit/index.js';
import { type Dataset, datasetOf, type Environment, loadConfig, loadSigningKey } from '../../config/index.js';
import { findReleased, findUnderway, recallBatch } from '../../enforce/index.js';
import { BadInput, Transient } from '../../errors.js';
import {
  daysAfter,
  type FoundVerdict,
  type FoundVerdicts,
  findVerdicts,
  lastGoodOf,
  ownStatusList,
  statusListText,
  verdictsBelow,
} from '../../gate/index.js';
import { safeText } from '../../report/index.js';
import type { RecalledBatch, StatusList } from '../../schema/index.js';
import { anyStore, createFile, saveFile } from '../../store/index.js';
import { record } from '../audit-trail.js';
import { consumersOf, type Incident, incidentText, judgedAgain, recallActsIn } from '../incident.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { parseDays } from '../lifetime.js';
import { assertLocal } from '../output-folder.js';

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
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The shorter, the sooner a gate that cannot see new lists refuses; each list has to be renewed in time. */
const STATUS_DAYS = 7;
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

Adds the batches of the verdicts it finds to a signed list; \`taster gate
--status\` refuses them from then on, and everything once the list is too old.
Without places it renews the list.

With --config it looks through what the service has released, by the reports in
the vault, and then moves it: a verdict that releases nothing takes the place of
the last one, what was released is copied to quarantine, compared, and removed
from where training reads (in place: tagged). After an interruption the same
command goes on where it was. A later judgement releases nothing of it again:
\`taster review reopen\` and \`release\` do.

Exit codes:
  0  the list is written, and says what was asked; with --config all is moved
  1  no verdict matches: nothing was recalled; or something that lies among
     what was released is not what was judged, and was left there
  2  wrong list, key, configuration or command line
  3  the surroundings failed; try again`;

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a date, as 2026-03-01, or a time in UTC.');
  return time;
}

async function run(places: readonly string[], flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const datasets = datasetsOf(flags);
  const isSearch = places.length > 0 || datasets.length > 0;
  if (datasets.length > 0 && !['batch', 'source', 'signer', 'trigger', 'since'].some((name) => name in flags)) {
    const detail = 'with --config say what is meant: --batch, --source, --signer, --trigger or --since';
    throw new BadInput('USAGE', { detail });
  }
  if (isSearch && !flags.reason && flags.dryRun !== true)
    throw new BadInput('USAGE', { detail: '--reason is missing: why are they recalled?' });
  requireWords(flags);
  assertLocal('--status', flags.status);
  const key = loadSigningKey(flags.key);
  const found = await search(places, datasets, flags);
  for (const { path, why } of found.unclear) {
    io.stderr.write(
      `taster: ${safeText(path)}: ${why}: look at it yourself, and name its batch with --batch if it is meant\n`,
    );
  }
  if (isSearch && found.matching.length === 0 && found.service.every(({ batches }) => batches.size === 0)) {
    io.stderr.write('taster: no verdict matches: nothing was recalled\n');
    return exitCodes.held;
  }
  const code = await (flags.dryRun === true ? tellOnly(found, key, flags, io) : recall(found, key, flags, io));
  return found.unclear.length > 0 ? exitCodes.held : code;
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
    const underway = await findUnderway(anyStore, dataset, flags);
    service.push({ dataset, batches: new Set([...found.matching.map(({ batch }) => batch), ...underway.batches]) });
    all.push({ ...found, unclear: [...found.unclear, ...underway.unclear] });
  }
  const byTime = (a: FoundVerdict, b: FoundVerdict) => (a.verified < b.verified ? -1 : 1);
  return {
    matching: all.flatMap(({ matching }) => matching).sort(byTime),
    others: all.flatMap(({ others }) => others).sort(byTime),
    unclear: all.flatMap(({ unclear }) => unclear),
    service,
  };
}

async function tellOnly(found: Search, key: SigningKey, flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const list = await readList(flags.status, key);
  const incident = await incidentOf(found, list, flags);
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
  return exitCodes.released;
}

async function recall(found: Search, key: SigningKey, flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const { status, reason = '', by = null } = flags;
  // From here on gates refuse: whatever stops what follows, nobody trains on it.
  const list = await withLock(status, () => addToList(found.matching, key, flags));
  await record(flags.audit, ...(await unrecorded(found.matching, flags)));
  const recalled: Incident['recalled'][number][] = [];
  let failure: unknown;
  for (const { dataset, batches } of found.service) {
    for (const batch of batches) {
      try {
        const files = await recallBatch(anyStore, dataset, batch, { reason, by }, key);
        recalled.push({ dataset: dataset.name, ...files });
      } catch (error) {
        // The others are not to stay where training reads for its sake.
        if (!(error instanceof BadInput || error instanceof Transient)) throw error;
        io.stderr.write(`taster: batch ${safeText(batch)} of ${dataset.name}: ${safeText(error.message)}\n`);
        failure ??= error;
      }
    }
  }
  const incident = { ...(await incidentOf(found, list.recalled, flags)), recalled };
  io.stdout.write(incidentText(incident, flags));
  io.stderr.write(
    `taster: ${safeText(status)}: ${list.recalled.length} recalled in all; renew it before ${list.expires}\n`,
  );
  if (failure !== undefined) throw failure;
  const isAllMoved = recalled.every(({ files }) => files.every(({ state }) => state !== 'left'));
  return isAllMoved ? exitCodes.released : exitCodes.held;
}

async function incidentOf(
  found: Search,
  list: readonly RecalledBatch[],
  { reason, audit, dryRun }: RecallFlags,
): Promise<Incident> {
  const datasets = found.service.map(({ dataset }) => dataset);
  const bad = new Set([...list, ...found.matching].map(({ sha256 }) => sha256));
  return {
    reason: reason ?? null,
    isDry: dryRun === true,
    matching: found.matching,
    consumers: await consumersOf(anyStore, audit === undefined ? [] : [audit], datasets, found.matching),
    lastGood: lastGoodOf(found, bad),
    judgedAgain: await judgedAgain(anyStore, datasets, found.matching),
    recalled: [],
  };
}

/** Of two at the same time one would lose what the other adds. */
async function withLock<T>(status: string, work: () => Promise<T>): Promise<T> {
  const lock = `${status}.lock`;
  if (!(await createFile(lock, new Uint8Array()))) {
    throw new Transient('WRITE_FAILED', {
      path: lock,
      detail: 'it is there: another recall is at work, or was stopped and left it',
    });
  }
  return work().finally(() => rm(lock, { force: true }));
}

async function addToList(
  matching: readonly FoundVerdict[],
  key: SigningKey,
  { status, reason = '', days }: RecallFlags,
): Promise<Omit<StatusList, 'version'>> {
  const earlier = await readList(status, key);
  const now = new Date();
  const known = new Set(earlier.map(({ sha256 }) => sha256));
  const fresh = new Map(matching.filter(({ sha256 }) => !known.has(sha256)).map((found) => [found.sha256, found]));
  const added = [...fresh.values()].map(({ batch, dataset, sha256 }) => ({
    ...{ batch, dataset, sha256, reason },
    recalled: now.toISOString(),
  }));
  const list = {
    issued: now.toISOString(),
    expires: daysAfter(now, days).toISOString(),
    recalled: [...earlier, ...added],
  };
  await saveFile(status, Buffer.from(statusListText(list, key)));
  return list;
}

/** What an earlier list holds; nothing where there is none. @throws BadInput STATUS_UNUSABLE */
async function readList(path: string, key: SigningKey): Promise<readonly RecalledBatch[]> {
  const found = await anyStore.find(dirname(path), basename(path));
  if (found === undefined) return [];
  const opened = ownStatusList(await anyStore.read(path), key);
  if ('problem' in opened) throw new BadInput('STATUS_UNUSABLE', { path, detail: opened.problem });
  return opened.list.recalled;
}

/** Those that the log does not say yet: a recall that was interrupted is said once. */
async function unrecorded(
  matching: readonly FoundVerdict[],
  { audit, reason = '', by }: RecallFlags,
): Promise<AuditedAct[]> {
  const said = await recallActsIn(anyStore, audit);
  const fresh = new Map(matching.filter(({ sha256 }) => !said.has(sha256)).map((found) => [found.sha256, found]));
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
    .option('--dry-run', 'tell what would be recalled, and write nothing')
    .option('--json', 'print the incident as JSON')
    .addHelpText('after', afterHelp)
    .action(async (places: string[], flags: RecallFlags) => finish(await run(places, flags, io)));
}
