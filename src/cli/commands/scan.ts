import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { envelopeText, seal } from '../../attest/index.js';
import {
  type BackendChoice,
  backends,
  type Environment,
  loadPolicy,
  loadSigningKey,
  loadTrust,
  mostProcesses,
  parseProcesses,
} from '../../config/index.js';
import { BadInput } from '../../errors.js';
import { daysAfter, makeVerdict } from '../../gate/index.js';
import type { ScanRequest } from '../../pipeline.js';
import {
  type RowsSink,
  redactOutcome,
  renderTerminal,
  reportJson,
  type ScanOutcome,
  writeReport,
} from '../../report/index.js';
import { decisionAct, record } from '../audit-trail.js';
import { type ColumnFlags, columnsOf, withColumnOptions } from '../columns.js';
import { type CliIo, type ExitCode, exitCodes, type Output } from '../io.js';
import { parseDays } from '../lifetime.js';
import { assertLocal, assertOutside, assertRoots } from '../output-folder.js';
import { progressLine } from '../progress.js';

interface ScanFlags extends ColumnFlags {
  readonly baseline?: string;
  readonly contract?: string;
  readonly policy?: string;
  readonly ledger?: string;
  readonly manifest?: string;
  readonly trust?: string;
  readonly dataset?: string;
  readonly sign?: string;
  readonly audit?: string;
  readonly days: number;
  readonly backend?: BackendChoice;
  readonly processes?: number;
  readonly redact?: boolean;
  readonly out?: string;
  readonly split?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A verdict is of what was known then: of triggers, sources, keys. */
const VERDICT_DAYS = 90;

const afterHelp = `
Examples:
  taster scan ./batch --baseline ./trusted
  taster scan ./batch --baseline ./trusted --label species --out ./report
  taster scan ./batch
  taster scan mon.csv tue.csv --baseline ./trusted --json > report.json
  taster scan ./monday --baseline ./trusted --ledger ./ledger
  taster scan s3://lake/in/monday --baseline s3://lake/trusted --out ./report

Columns that no option names are guessed, and shown as guessed; with --contract
nothing is guessed (see taster contract infer).

Without --baseline every row is judged by the half of the batch that does not
hold it, and every shard and source is compared with the rest of the batch:
poison that is spread evenly over all of them cannot be seen, and a batch of one
shard without sources is ranked row by row but not tested.

With --ledger a source that is a little worse than the others in batch after
batch is found (slow-drip), and each scan adds what its batch has shown. Keep
one ledger for one stream of batches.

Batch, --baseline and --ledger may lie in S3 (s3://bucket/prefix). Credentials,
region and AWS_ENDPOINT_URL are taken as by the AWS command line.

Exit codes:
  0  every shard released: training may start
  1  something is held
  2  nothing could be judged: wrong usage, policy, contract or data
  3  the surroundings failed: disk, permission, memory; try again

Environment: TASTER_BACKEND and TASTER_PROCESSES are defaults of the options,
NO_COLOR turns colours off, TASTER_DEBUG=1 shows where an error happened.`;

function processesOf(text: string): number {
  const processes = parseProcesses(text);
  if (processes === undefined) throw new InvalidArgumentError(`It must be a whole number from 0 to ${mostProcesses}.`);
  return processes;
}

function toRequest(batch: readonly string[], flags: ScanFlags, environment: Environment): ScanRequest {
  const { baseline, ledger, dataset } = flags;
  const origin = originOf(flags);
  const demand = { trust: origin.trust, dataset };
  return {
    batch,
    ...(baseline === undefined ? {} : { baseline }),
    columns: columnsOf(flags, flags.contract, demand),
    policy: loadPolicy(flags.policy, demand),
    ...(ledger === undefined ? {} : { ledger }),
    origin,
    backend: flags.backend ?? environment.backend,
    processes: flags.processes ?? environment.processes,
    redact: flags.redact === true,
    ...(flags.split === undefined ? {} : { split: flags.split }),
  };
}

function originOf({ manifest, trust, dataset }: ScanFlags): NonNullable<ScanRequest['origin']> {
  return {
    ...(manifest === undefined ? {} : { manifest }),
    ...(trust === undefined ? {} : { trust: loadTrust(trust) }),
    ...(dataset === undefined ? {} : { dataset }),
  };
}

/** What signs a scan's verdict, if anything shall. @throws BadInput USAGE, as loadSigningKey */
function signerOf({ sign, out, days, dataset }: ScanFlags): ((outcome: ScanOutcome) => string) | undefined {
  if (sign === undefined) return undefined;
  if (out === undefined) throw new BadInput('USAGE', { detail: '--sign needs --out, where the verdict is written' });
  if (dataset === undefined)
    throw new BadInput('USAGE', { detail: '--sign needs --dataset: what the batch is one of' });
  const key = loadSigningKey(sign);
  return (outcome) => {
    const verified = new Date();
    const verdict = makeVerdict(outcome, { dataset, verified, expires: daysAfter(verified, days) });
    return envelopeText(seal(Buffer.from(JSON.stringify(verdict)), [key]));
  };
}

async function judge(
  request: Omit<ScanRequest, 'onProgress'>,
  flags: ScanFlags,
  io: CliIo,
  { ci, noColor }: Environment,
): Promise<ScanOutcome> {
  const sign = signerOf(flags);
  const progress = await progressLine(io.stderr, !ci && flags.quiet !== true, !noColor);
  const scan = async (rows?: RowsSink) => {
    const outcome = await io.scan({ ...request, ...(rows === undefined ? {} : { rows }), onProgress: progress.show });
    await record(flags.audit, decisionAct(outcome, flags.dataset));
    return flags.redact === true ? redactOutcome(outcome) : outcome;
  };
  const report = async (out: string) => (await writeReport(out, scan, sign)).outcome;
  return (flags.out === undefined ? scan() : report(flags.out)).finally(progress.clear);
}

function print(outcome: ScanOutcome, flags: ScanFlags, stdout: Output, noColor: boolean): void {
  if (flags.json === true) {
    stdout.write(reportJson(outcome));
  } else if (flags.quiet !== true) {
    const color = stdout.isTTY === true && !noColor;
    const width = Math.min(stdout.columns || 80, 80);
    stdout.write(renderTerminal(outcome, { color, width, ...(flags.out === undefined ? {} : { folder: flags.out }) }));
  }
}

async function runScan(
  batch: readonly string[],
  flags: ScanFlags,
  io: CliIo,
  environment: Environment,
): Promise<ExitCode> {
  const request = toRequest(batch, flags, environment);
  const data = [...batch, ...(request.baseline === undefined ? [] : [request.baseline])];
  const { ledger, out, split, audit } = flags;
  const read = ledger === undefined ? data : [...data, ledger];
  assertRoots({ '--ledger': ledger, '--audit': audit, '--out': out, '--split': split });
  if (ledger !== undefined) assertOutside('--ledger', ledger, data);
  for (const [option, folder] of [
    ['--out', out],
    ['--split', split],
  ] as const) {
    if (folder === undefined) continue;
    assertLocal(option, folder);
    assertOutside(option, folder, read);
  }
  if (audit !== undefined) assertOutside('--audit', audit, read);
  const outcome = await judge(request, flags, io, environment);
  print(outcome, flags, io.stdout, environment.noColor);
  // Whoever trains on the folder after exit code 0 would read what nobody has judged.
  const isWhole = (outcome.provenance?.ignored ?? []).length === 0;
  return outcome.decision.released && isWhole ? exitCodes.released : exitCodes.held;
}

/** `taster scan`; hands its exit code to `finish`. */
export function scanCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  const scanning = new Command('scan')
    .description('Judges a batch of shards, against trusted rows or against itself: each is\nreleased or held.')
    .addArgument(
      new Argument('<batch...>', 'files, folders, patterns or s3:// URIs: Parquet, Arrow IPC,\nCSV, JSON Lines'),
    )
    .option('--baseline <path>', 'file, folder or s3:// URI of rows you trust');
  return withColumnOptions(scanning)
    .option('--contract <file>', 'JSON: what columns are for and may hold')
    .option('--policy <file>', 'JSON: mode, falseQuarantineRate, tolerance, limits')
    .option('--ledger <dir>', 'what earlier batches have shown of their sources')
    .option('--manifest <file>', 'what the sender says of the batch, instead of the\n_manifest.json in its folder')
    .option('--trust <file>', 'JSON: whose signatures count')
    .option('--dataset <name>', 'the stream of batches that this is one of')
    .option('--redact', 'leave values of rows out of every report')
    .option('--out <dir>', 'write report.html, report.json and rows.arrow there')
    .option('--sign <key>', 'sign the verdict with this private key, into --out')
    .option('--days <n>', 'how long the signed verdict counts', parseDays, VERDICT_DAYS)
    .option('--audit <log>', 'add the decision to this audit log')
    .option('--split <dir>', 'write held shards there as a clean and a withheld part')
    .addOption(new Option('--backend <name>', 'tensor backend').choices(backends))
    .option('--processes <n>', 'processes that score shards (0 = as fits)', processesOf)
    .option('--json', 'print report.json instead of the report')
    .option('--quiet', 'print nothing but errors')
    .addHelpText('after', afterHelp)
    .action(async (batch: string[], flags: ScanFlags) => finish(await runScan(batch, flags, io, environment)));
}
