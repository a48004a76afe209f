import { Argument, Command } from 'commander';
import { datasetOf, type Environment } from '../../config/index.js';
import { safeText } from '../../safe-text.js';
import { rescan } from '../../schedule/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

const afterHelp = `
Example:
  taster rescan digits monday

The baseline, contract, policy and mode are those that the configuration names
now. The new decision gets a record, a report and a verdict of its own. It
replaces the one before with all its reviews. What was released and is now held
is taken out of the verdict; \`taster review show\` names it. A batch that was
judged by the same already is judged again only where shards of it could not be
assessed.

Exit codes:
  0  queued, or judged by the same already
  2  wrong usage, configuration, dataset, or a batch that is not judged yet, or
     the dataset is paused
  3  the surroundings failed: store, queue; try again`;

async function run(service: Service, name: string, batch: string, { stdout }: CliIo): Promise<ExitCode> {
  const plan = await rescan(service, datasetOf(service.config, name), batch);
  const subject = `${safeText(name)} ${safeText(batch)}`;
  stdout.write(
    plan === undefined
      ? `${subject}: its decision rests on what the configuration names already\n`
      : `queued ${subject}\n`,
  );
  return exitCodes.released;
}

/** `taster rescan`; hands its exit code to `finish`. */
export function rescanCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('rescan')
    .description('Has a batch judged again by the baseline and policy that are configured now.')
    .addArgument(new Argument('<dataset>', 'its name'))
    .addArgument(new Argument('<batch>', 'as `taster status` names it'))
    .addOption(configOption())
    .addHelpText('after', afterHelp)
    .action(async (dataset: string, batch: string, flags: ServiceFlags) =>
      finish(await withService(flags, environment, (service) => run(service, dataset, batch, io))),
    );
}
