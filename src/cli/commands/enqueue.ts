import { resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { type Dataset, datasetOf, type Environment } from '../../config/index.js';
import { BadInput } from '../../errors.js';
import { safeText } from '../../safe-text.js';
import { requireRunning, scheduleArrival } from '../../schedule/index.js';
import { queueEach } from '../each-batch.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

const afterHelp = `
Examples:
  taster enqueue digits monday
  taster enqueue digits
  taster enqueue in/monday
  taster enqueue s3://uploads/digits/monday

A batch is a folder below the incoming prefix. It is taken for complete: what
arrives in it later becomes another batch, monday~2. Without a batch every
folder is sealed and queued. To queue a batch twice does no harm.

Exit codes:
  0  queued, or nothing new was there
  2  wrong usage, configuration, dataset or batch, or the dataset is paused
  3  the surroundings failed: store, queue; try again. Of several folders those
     that cannot be read are named, and the others are queued`;

/** A dataset's name, which holds no slash, or an address below its incoming prefix. @throws BadInput DATASET_UNKNOWN, USAGE */
function target({ config }: Service, given: string): { dataset: Dataset; batch?: string } {
  const address = given.includes('/') && !given.startsWith('s3:') ? resolve(given) : given;
  for (const dataset of config.datasets.values()) {
    const below = `${dataset.incoming}/`;
    if (`${address}/`.startsWith(below)) {
      const [batch = ''] = address.slice(below.length).split('/');
      return batch === '' ? { dataset } : { dataset, batch };
    }
  }
  if (!given.includes('/')) return { dataset: datasetOf(config, given) };
  const prefixes = [...config.datasets.values()].map(({ incoming }) => incoming).join(', ');
  throw new BadInput('USAGE', { detail: `${given} lies below no incoming prefix: there are ${prefixes}` });
}

async function enqueue(given: string, folder: string | undefined, service: Service, io: CliIo): Promise<ExitCode> {
  const { dataset, batch = folder } = target(service, given);
  await requireRunning(service.store, dataset);
  if (batch === undefined) {
    const folders = await service.store.folders(dataset.incoming);
    return queueEach(folders, (each) => enqueueOne(dataset, each, service, io), io);
  }
  if (!(await enqueueOne(dataset, batch, service, io))) throw new BadInput('BATCH_EMPTY', { batch });
  return exitCodes.released;
}

/** False where nothing has arrived that is not sealed already. */
async function enqueueOne(dataset: Dataset, folder: string, service: Service, { stdout }: CliIo): Promise<boolean> {
  const sealed = await scheduleArrival(service, dataset, folder, { isForced: true });
  if (sealed === undefined) return false;
  stdout.write(`queued ${safeText(dataset.name)} ${safeText(sealed)}\n`);
  return true;
}

/** `taster enqueue`; hands its exit code to `finish`. */
export function enqueueCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('enqueue')
    .description('Seals batches that have arrived and has workers judge them.')
    .addArgument(new Argument('<dataset>', 'its name, or an address below its incoming prefix'))
    .addArgument(new Argument('[batch]', 'a folder below the incoming prefix'))
    .addOption(configOption())
    .addHelpText('after', afterHelp)
    .action(async (dataset: string, batch: string | undefined, flags: ServiceFlags) =>
      finish(await withService(flags, environment, (service) => enqueue(dataset, batch, service, io))),
    );
}
