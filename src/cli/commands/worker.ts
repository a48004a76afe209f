import { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import type { Watcher } from '../../queue/index.js';
import { type HttpFlags, withHttpOptions } from '../http-options.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';
import { toldToStop } from '../told-to-stop.js';

type WorkerFlags = ServiceFlags & HttpFlags;

const afterHelp = `
Start as many workers as you like, on as many machines, with the same
configuration. On SIGTERM or Ctrl-C a worker finishes what it is doing and
ends; one that is killed leaves its work to the others.

Exit codes:
  0  it was told to stop
  2  wrong usage or configuration
  3  the surroundings failed

Environment: TASTER_REDIS_URL says where the queue is.`;

async function work(
  { store, config, queue }: Service,
  { host, port }: WorkerFlags,
  { stderr }: CliIo,
  { redisUrl }: Environment,
): Promise<ExitCode> {
  const { runWorker } = await import('../../../workers/main.js');
  const { openLog, serveHttp, startMetrics } = await import('../../service/index.js');
  const log = openLog({ write: (line) => void stderr.write(line) });
  const stopped = toldToStop();
  const metrics = startMetrics(queue);
  const server = port === undefined ? undefined : await serveHttp(host, port, { queue, metrics, events: null });
  const watcher = both(log, metrics.watcher);
  const onReady = () => log.info('ready', { datasets: [...config.datasets.keys()], address: server?.address });
  await runWorker({ store, config, redisUrl, queue, watcher, meter: metrics.meter, onReady, stopped });
  await server?.stop();
  return exitCodes.released;
}

function both(first: Watcher, second: Pick<Watcher, 'onDone' | 'onFailed'>): Watcher {
  return {
    onLost: first.onLost,
    onDone: (...done) => {
      first.onDone(...done);
      second.onDone(...done);
    },
    onFailed: (...failed) => {
      first.onFailed(...failed);
      second.onFailed(...failed);
    },
  };
}

/** `taster worker`; hands its exit code to `finish`. */
export function workerCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  const working = new Command('worker')
    .description('Judges what arrives: takes work from the queue until it is told to stop.')
    .addOption(configOption());
  return withHttpOptions(working, 'also tell health and metrics over HTTP at this port')
    .addHelpText('after', afterHelp)
    .action(async (flags: WorkerFlags) =>
      finish(
        await withService(flags, environment, (service) => work(service, flags, io, environment), {
          waits: true,
          signs: true,
        }),
      ),
    );
}
