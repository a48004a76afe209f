import { Argument, Command, InvalidArgumentError } from 'commander';
import { type Dataset, datasetOf, type Environment, loadConfig, loadSigningKey } from '../../config/index.js';
import { BadInput } from '../../errors.js';
import { safeText } from '../../safe-text.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { parseDays } from '../lifetime.js';
import { assertLocal } from '../output-folder.js';
import { type RecallRequest, recall, tellOnly } from '../recall/carry-out.js';
import { lift } from '../recall/lift.js';
import { search } from '../recall/search.js';

interface RecallFlags extends RecallRequest {
  readonly status: string;
  readonly key: string;
  readonly config?: string;
  readonly days: number;
  readonly lift?: boolean;
  readonly dryRun?: boolean;
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
    .option(
      '--signer <name>',
      'only batches whose manifest this sender signed: its\nname in the trust policy, SHA-256 of its public key,\nor the identity in its certificate',
    )
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
