import { Argument, Command, Option } from 'commander';
import { below, currentJudgement, readRecords } from '../../batch/index.js';
import { type Dataset, datasetOf, type Environment } from '../../config/index.js';
import { auditReview, type Held, heldOf, recordReview, standings, standingsBefore } from '../../enforce/index.js';
import { BadInput } from '../../errors.js';
import { safeJson, safeText } from '../../safe-text.js';
import type { JudgedRecord, ReviewedRecord } from '../../schema/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

interface ReviewFlags extends ServiceFlags {
  readonly decision: string;
  readonly by: string;
  readonly reason: string;
  readonly withoutRows?: boolean;
}

interface ListFlags extends ServiceFlags {
  readonly json?: boolean;
}

const afterHelp = `
Examples:
  taster review list
  taster review show digits monday
  taster review release digits monday images-7.parquet --decision 1e044479 \\
    --by ann --reason 'checked against the scans'
  taster review release digits monday --without-rows --decision 1e044479 \\
    --by ann --reason 'the rest of it is sound'
  taster review reject digits monday --decision 1e044479 --by ann \\
    --reason 'labels swapped'

A review names the decision that was looked at; when another one holds by then
it fails with "decision changed". Without shards it is about all that are held.
Rejected shards stay in quarantine as evidence.`;

function inWords({ dataset, batch, decision, shards, findings }: Held): string {
  const groups = findings.map(({ id, kind, subject, evidence }) => {
    const paths = shards.filter((shard) => shard.findings.includes(id)).map(({ path }) => path);
    return `  ${kind} ${subject}: ${evidence.summary}\n    holds ${paths.join(', ')}`;
  });
  const lines = shards.map((shard) => `  ${shard.standing.padEnd(8)} ${shard.path}${remarks(shard)}`);
  return `${dataset} ${batch}, decision ${decision}\n${[...lines, ...groups].join('\n')}\n`;
}

function remarks({ isWithdrawn, approvals }: Held['shards'][number]): string {
  const said = approvals.map(({ reviewer, action }) => `; ${action} by ${reviewer}, somebody else has to agree`);
  return `${isWithdrawn ? '; an earlier decision had released it' : ''}${said.join('')}`;
}

async function list(service: Service, { json }: ListFlags, { stdout }: CliIo): Promise<ExitCode> {
  const all: Held[] = [];
  for (const dataset of service.config.datasets.values()) {
    for (const batch of await service.store.folders(below(dataset.vault, 'batches'))) {
      const held = await heldOf(service.store, dataset, batch);
      if (held?.shards.some(({ standing }) => standing === 'held')) all.push(held);
    }
  }
  stdout.write(json === true ? safeJson(`${JSON.stringify(all, null, 2)}\n`) : listInWords(all));
  return exitCodes.released;
}

function listInWords(all: readonly Held[]): string {
  if (all.length === 0) return 'Nothing waits for a review.\n';
  const open = (held: Held) => held.shards.filter(({ standing }) => standing === 'held').length;
  const lines = all.map((held) => `${held.dataset} ${held.batch}: ${open(held)} held, decision ${held.decision}`);
  return `${lines.map(safeText).join('\n')}\n`;
}

async function show(
  service: Service,
  dataset: Dataset,
  batch: string,
  { json }: ListFlags,
  { stdout }: CliIo,
): Promise<ExitCode> {
  const held = await heldOf(service.store, dataset, batch);
  if (held === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
  stdout.write(
    json === true ? safeJson(`${JSON.stringify(held, null, 2)}\n`) : inWords(held).split('\n').map(safeText).join('\n'),
  );
  return exitCodes.released;
}

/** The whole digest where its beginning was given and still names the decision that holds. */
function wholeDigest(given: string, { decision }: JudgedRecord): string {
  return decision.startsWith(given) ? decision : given;
}

async function review(
  { store, queue }: Service,
  action: ReviewedRecord['action'],
  dataset: Dataset,
  batch: string,
  paths: readonly string[],
  flags: ReviewFlags,
  { stdout }: CliIo,
): Promise<ExitCode> {
  const records = await readRecords(store, dataset.vault, batch);
  const judgement = currentJudgement(records);
  if (judgement === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
  const open = standings(records, dataset.approvals).filter(({ standing }) =>
    standingsBefore[action].includes(standing),
  );
  const shards = paths.length > 0 ? paths : open.map(({ path }) => path);
  if (shards.length === 0) throw new BadInput('REVIEW_REFUSED', { batch, detail: 'it has no such shard' });
  const decision = wholeDigest(flags.decision, judgement);
  const said = { reviewer: flags.by, reason: flags.reason, at: new Date().toISOString() };
  const reviewed = { action, decision, shards, ...said };
  // Written down before it holds.
  const record = await recordReview(store, dataset, batch, reviewed, (judged) =>
    auditReview(store, dataset, batch, { judged, review: reviewed }),
  );
  await queue.addEnforcement({ dataset: dataset.name, batch, plan: judgement.plan }, record);
  const then = standings(await readRecords(store, dataset.vault, batch), dataset.approvals);
  const isOpen = then.some(({ path, approvals }) => shards.includes(path) && approvals.length > 0);
  const rest = isOpen ? '; somebody else has to agree before they are released' : '';
  stdout.write(`${action}: ${shards.length} shards of ${safeText(batch)}${rest}\n`);
  return exitCodes.released;
}

function digestOf(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text;
  throw new BadInput('USAGE', { detail: `--decision ${text}: give at least 8 digits of the digest that was shown` });
}

/** `taster review list`, `show`, `release`, `reject` and `reopen`. */
export function reviewCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  const run = async (flags: ServiceFlags, work: (service: Service) => Promise<ExitCode>) =>
    finish(await withService(flags, environment, work));
  const command = new Command('review')
    .description('Shows what is held and records what people say of it.')
    .addHelpText('after', afterHelp);
  command
    .command('list')
    .summary('Batches that wait.')
    .description('Batches of which something waits for a review.')
    .addOption(configOption())
    .option('--json', 'print it as JSON')
    .action((flags: ListFlags) => run(flags, (service) => list(service, flags, io)));
  /** The summary has to fit beside the usage of the command, in 80 columns. */
  const about = (name: string, summary: string, description = summary) =>
    command
      .command(name)
      .summary(summary)
      .description(description)
      .addArgument(new Argument('<dataset>', 'its name'))
      .addArgument(new Argument('<batch>', 'as `taster review list` names it'))
      .addOption(configOption());
  about('show', 'What is held, and why.', 'What is held of a batch, and the findings that it rests on.')
    .option('--json', 'print it as JSON')
    .action((name: string, batch: string, flags: ListFlags) =>
      run(flags, (service) => show(service, datasetOf(service.config, name), batch, flags, io)),
    );
  const deciding = (name: ReviewedRecord['action'], summary: string, description?: string) =>
    about(name, summary, description)
      .addArgument(new Argument('[shards...]', 'paths; all that stand so when left out'))
      .addOption(
        new Option('--decision <digest>', 'of the decision that was looked at')
          .argParser(digestOf)
          .makeOptionMandatory(),
      )
      .requiredOption('--by <name>', 'who says so')
      .requiredOption('--reason <text>', 'why')
      .action((dataset: string, batch: string, paths: string[], flags: ReviewFlags) =>
        run(flags, (service) => {
          const action = flags.withoutRows === true ? 'release-without-rows' : name;
          return review(service, action, datasetOf(service.config, dataset), batch, paths, flags, io);
        }),
      );
  deciding('release', 'Releases held shards.').option(
    '--without-rows',
    'release a copy without the rows that\nrows.arrow marks to be withheld',
  );
  deciding('reject', 'Holds shards for good.', 'Leaves held shards in quarantine for good.');
  deciding(
    'reopen',
    'Has shards wait once more.',
    'Takes a rejection or a recall back: the shards wait for a review again.',
  );
  return command;
}
