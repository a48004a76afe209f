import { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import { safeText } from '../../safe-text.js';
import { pauseOf, reconcile, sweptNotes } from '../../schedule/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

const afterHelp = `
The queue holds nothing that the vaults do not: after Redis has lost its data,
or a batch has failed, this queues again whatever is sealed and not settled,
batches that hold shards which could not be assessed, and notices of what is
held that were not taken yet.
It can be run at any time.`;

async function run({ store, config, queue }: Service, { stdout, stderr }: CliIo): Promise<ExitCode> {
  for (const dataset of config.datasets.values()) {
    if ((await pauseOf(store, dataset)) !== undefined) {
      stderr.write(`taster: ${safeText(dataset.name)} is paused: nothing of it is queued\n`);
      continue;
    }
    const swept = sweptNotes(store, dataset.vault);
    for (const { batch, work } of await reconcile({ store, config, queue }, dataset, {
      isRetried: true,
      forgets: false,
      swept,
    })) {
      const what = work === 'notice' ? ': to tell what is held' : '';
      stdout.write(`queued ${safeText(dataset.name)} ${safeText(batch)}${what}\n`);
    }
    await queue.keepSweeping(dataset.name, config.worker.sweepSeconds);
  }
  return exitCodes.released;
}

/** `taster reconcile`; hands its exit code to `finish`. */
export function reconcileCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('reconcile')
    .description('Rebuilds the queue from what object storage holds.')
    .addOption(configOption())
    .addHelpText('after', afterHelp)
    .action(async (flags: ServiceFlags) =>
      finish(await withService(flags, environment, (service) => run(service, io))),
    );
}
