import { Argument, Command, Option } from 'commander';
import { below, currentJudgement, readRecords } from '../../batch/index.js';
import { type Dataset, datasetOf, type Environment } from '../../config/index.js';
import { count } from '../../count.js';
import {
  auditReview,
  type Held,
  type HeldFilter,
  heldBy,
  heldOf,
  narrowed,
  recordReview,
  type Standing,
  standings,
  standingsBefore,
} from '../../enforce/index.js';
import { BadInput } from '../../errors.js';
import { kinds } from '../../report/index.js';
import { safeJson, safeText } from '../../safe-text.js';
import type { FindingKind, ReviewedRecord } from '../../schema/index.js';
import { parseDigestStart } from '../digest-start.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

interface ReviewFlags extends ServiceFlags, Pick<HeldFilter, 'finding' | 'source'> {
  readonly decision: string;
  readonly by: string;
  readonly reason: string;
  readonly withoutRows?: boolean;
}

interface ShowFlags extends ServiceFlags {
  readonly json?: boolean;
}

interface ListFlags extends ShowFlags {
  readonly dataset?: string;
  readonly standing: Standing;
  readonly kind?: FindingKind;
  readonly source?: string;
}

/** How a shard can stand that is not released whole. */
const STANDINGS: readonly Standing[] = ['held', 'rejected', 'recalled', 'changed', 'cleaned'];

const afterHelp = `
Examples:
  taster review list --dataset digits --kind label-flip
  taster review show digits monday
  taster review release digits monday images-7.parquet --decision 1e044479 \\
    --by ann --reason 'checked against the scans'
  taster review release digits monday --without-rows --decision 1e044479 \\
    --by ann --reason 'the rest of it is sound'
  taster review reject digits monday --decision 1e044479 --by ann \\
    --reason 'labels swapped'
  taster review reject digits monday --source annotator-7 --decision 1e044479 \\
    --by ann --reason 'works at random'

A review names the decision that was looked at; when another one holds by then
it fails with "decision changed". Without shards it is about all that are held;
with --finding or --source about those that \`show\` prints there, whatever else
holds them too. Rejected shards stay in quarantine as evidence.`;

function inWords(held: Held): string {
  const { dataset, batch, decision, shards, findings } = held;
  const holds = (filter: HeldFilter) =>
    `\n    holds ${narrowed(held, filter)
      .shards.map(({ path }) => path)
      .join(', ')}`;
  const sources = new Set(findings.filter(({ scope }) => scope === 'source').map(({ subject }) => subject));
  const lines = [
    `${dataset} ${batch}, decision ${decision}`,
    ...shards.map((shard) => `  ${shard.standing.padEnd(8)} ${shard.path}${remarks(shard)}`),
    ...findings.map(({ id, evidence }) => `  finding ${id}: ${evidence.summary}${holds({ finding: id })}`),
    ...[...sources].map((source) => `  source ${source}${holds({ source })}`),
  ];
  return `${lines.join('\n')}\n`;
}

function remarks({ isWithdrawn, approvals }: Held['shards'][number]): string {
  const said = approvals.map(({ reviewer, action }) => `; ${action} by ${reviewer}, somebody else has to agree`);
  return `${isWithdrawn ? '; an earlier decision had released it' : ''}${said.join('')}`;
}

async function list(service: Service, flags: ListFlags, { stdout }: CliIo): Promise<ExitCode> {
  const { dataset: name, standing, json, ...filter } = flags;
  const { datasets } = service.config;
  const all: Held[] = [];
  for (const dataset of name === undefined ? datasets.values() : [datasetOf(service.config, name)]) {
    for (const batch of await service.store.folders(below(dataset.vault, 'batches'))) {
      const held = await heldOf(service.store, dataset, batch);
      const meant = held && narrowed(held, { ...filter, standings: [standing] });
      if (meant !== undefined && meant.shards.length > 0) all.push(meant);
    }
  }
  stdout.write(json === true ? safeJson(`${JSON.stringify(all, null, 2)}\n`) : listInWords(all, flags));
  return exitCodes.released;
}

function listInWords(all: readonly Held[], { standing, dataset, kind, source }: ListFlags): string {
  const isNarrowed = standing !== 'held' || [dataset, kind, source].some((filter) => filter !== undefined);
  if (all.length === 0) return isNarrowed ? 'Nothing is like that.\n' : 'Nothing waits for a review.\n';
  const lines = all.map(
    ({ dataset: name, batch, shards, decision }) =>
      `${name} ${batch}: ${shards.length} ${standing}, decision ${decision}`,
  );
  return `${lines.map(safeText).join('\n')}\n`;
}

async function show(
  service: Service,
  dataset: Dataset,
  batch: string,
  { json }: ShowFlags,
  { stdout }: CliIo,
): Promise<ExitCode> {
  const held = await heldOf(service.store, dataset, batch);
  if (held === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
  stdout.write(
    json === true ? safeJson(`${JSON.stringify(held, null, 2)}\n`) : inWords(held).split('\n').map(safeText).join('\n'),
  );
  return exitCodes.released;
}

/** The whole digest, of which the beginning was given. @throws BadInput DECISION_CHANGED where that names another decision */
function wholeDigest(seen: string, { batch, decision }: Held): string {
  if (decision.startsWith(seen)) return decision;
  throw new BadInput('DECISION_CHANGED', { batch, seen, current: decision });
}

/** Paths that were given, or those of the group; all that the action can be about where none is. */
function shardsMeant(
  action: ReviewedRecord['action'],
  paths: readonly string[],
  { finding, source }: ReviewFlags,
  held: Held,
): readonly string[] {
  const group = { ...(finding !== undefined && { finding }), ...(source !== undefined && { source }) };
  const isGroup = Object.keys(group).length > 0;
  if (paths.length > 0 && isGroup) {
    throw new BadInput('USAGE', { detail: 'name shards, or a group by --finding or --source, not both' });
  }
  if (paths.length > 0) return paths;
  const { shards } = narrowed(held, { ...group, standings: standingsBefore[action] });
  if (shards.length > 0) return shards.map(({ path }) => path);
  const wanted = standingsBefore[action].join(' or ');
  throw new BadInput('REVIEW_REFUSED', {
    batch: held.batch,
    detail: `no shard of ${finding ?? source ?? 'it'} is ${wanted}`,
  });
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
  const held = await heldBy(store, dataset, batch, records);
  if (judgement === undefined || held === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
  const decision = wholeDigest(flags.decision, held);
  const shards = shardsMeant(action, paths, flags, held);
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
  stdout.write(`${action}: ${count(shards.length, 'shard')} of ${safeText(batch)}${rest}\n`);
  return exitCodes.released;
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
    .description('Batches of which something waits for a review, or stands as --standing says.')
    .addOption(configOption())
    .option('--dataset <name>', 'of one dataset alone')
    .addOption(new Option('--kind <kind>', 'held by a finding of that kind').choices(Object.keys(kinds)))
    .option('--source <name>', 'held by a finding about that source')
    .addOption(new Option('--standing <how>', 'how the shards stand').choices(STANDINGS).default('held'))
    .option('--json', 'print it as JSON, with the shards that are meant')
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
      .addOption(new Option('--finding <id>', 'instead of paths: all that\nthis finding holds').conflicts('source'))
      .option('--source <name>', 'instead of paths: all that a\nfinding about this source holds')
      .addOption(
        new Option('--decision <digest>', 'of the decision that was looked at')
          .argParser(parseDigestStart)
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
    'Takes a rejection, a release without rows or a recall back: the shards wait\nfor a review again.',
  );
  return command;
}
