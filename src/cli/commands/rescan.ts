import { Argument, Command } from 'commander';
import { sealedBatches } from '../../batch/index.js';
import { type Dataset, datasetOf, type Environment } from '../../config/index.js';
import { safeText } from '../../safe-text.js';
import { currentPlan, rescan, rescanSettled } from '../../schedule/index.js';
import { queueEach } from '../each-batch.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

const afterHelp = `
Examples:
  taster rescan digits monday
  taster rescan digits

The baseline, contract, policy and mode are those that the configuration names
now. The new decision gets a record, a report and a verdict of its own. It
replaces the one before with all its reviews. What was released and is now held
is taken out of the verdict; \`taster review show\` names it. A batch that was
judged by the same already is judged again only where shards of it could not be
assessed.

Without a batch it is about every batch that is settled by something else than
that: after a new baseline or policy nothing judged before is left. What is
under way is left alone.

Exit codes:
  0  queued, or judged by the same already
  2  wrong usage, configuration, dataset, or a batch that is not judged yet, or
     the dataset is paused
  3  the surroundings failed: store, queue; try again. Of several batches those
     that cannot be read are named, and the others are queued`;

async function run(service: Service, name: string, batch: string | undefined, io: CliIo): Promise<ExitCode> {
  const dataset = datasetOf(service.config, name);
  const plan = await currentPlan(service, dataset);
  if (batch === undefined) return rescanAll(service, dataset, plan, io);
  const isQueued = await rescan(service, dataset, batch, plan);
  const subject = `${safeText(name)} ${safeText(batch)}`;
  io.stdout.write(
    isQueued ? queued(name, batch) : `${subject}: its decision rests on what the configuration names already\n`,
  );
  return exitCodes.released;
}

async function rescanAll(service: Service, dataset: Dataset, plan: string, io: CliIo): Promise<ExitCode> {
  const queueOne = async (batch: string) => {
    if (await rescanSettled(service, dataset, batch, plan)) io.stdout.write(queued(dataset.name, batch));
  };
  return queueEach(await sealedBatches(service.store, dataset.vault), queueOne, io);
}

function queued(dataset: string, batch: string): string {
  return `queued ${safeText(dataset)} ${safeText(batch)}\n`;
}

/** `taster rescan`; hands its exit code to `finish`. */
export function rescanCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('rescan')
    .description('Has batches judged again by the baseline and policy that are configured now.')
    .addArgument(new Argument('<dataset>', 'its name'))
    .addArgument(new Argument('[batch]', 'as `taster status` names it; all that are settled when left out'))
    .addOption(configOption())
    .addHelpText('after', afterHelp)
    .action(async (dataset: string, batch: string | undefined, flags: ServiceFlags) =>
      finish(await withService(flags, environment, (service) => run(service, dataset, batch, io))),
    );
}
