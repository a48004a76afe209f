import { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import { type HttpFlags, withHttpOptions } from '../http-options.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';
import { toldToStop } from '../told-to-stop.js';

type ServeFlags = ServiceFlags & HttpFlags;

const DEFAULT_PORT = 8642;

const afterHelp = `
  GET  /health/live   the process answers
  GET  /health/ready  the queue answers as well
  GET  /metrics       for Prometheus
  POST /events        notifications of S3, MinIO, versitygw or EventBridge, or
                      {"dataset": "digits", "folder": "monday"}

Events are taken only with TASTER_EVENTS_TOKEN set, from those who send it:
Authorization: Bearer <token>, or as the password of HTTP Basic. An event is a
hint: what it names is looked through, and what no event names is found by the
workers all the same. Events of S3 also come by a queue of SQS that the
configuration names: events.queueUrl.`;

async function serve(
  { store, queue, config }: Service,
  { host, port = DEFAULT_PORT }: ServeFlags,
  { stderr }: CliIo,
  { eventsToken }: Environment,
): Promise<ExitCode> {
  const { countBatches, openEventQueue, openLog, serveHttp, startMetrics } = await import('../../service/index.js');
  const log = openLog({ write: (line) => void stderr.write(line) });
  const stopped = toldToStop();
  const ended = new AbortController();
  void stopped.then(() => ended.abort());
  const datasets = [...config.datasets.values()];
  const events = eventsToken === null ? null : { token: eventsToken, datasets };
  const metrics = startMetrics(queue);
  const { eventQueueUrl: queueUrl } = config;
  const eventQueue = queueUrl === null ? null : await openEventQueue({ queueUrl, queue, datasets, metrics, log });
  const server = await serveHttp(host, port, { queue, metrics, events });
  log.info('listening', { address: server.address, events: events !== null, queueUrl });
  const keepSweeping = async () => {
    for (const { name } of datasets) await queue.keepSweeping(name, config.worker.sweepSeconds);
  };
  try {
    await Promise.all([
      // Redis may be away until it is told to stop.
      Promise.race([keepSweeping(), stopped]),
      eventQueue === null ? stopped : eventQueue.take(ended.signal),
      countBatches({ store, datasets, metrics: metrics.batches, log }, ended.signal),
    ]);
  } finally {
    await server.stop();
  }
  return exitCodes.released;
}

/** `taster serve`; hands its exit code to `finish`. */
export function serveCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  const serving = new Command('serve')
    .description('Takes events over HTTP, and tells health and metrics.')
    .addOption(configOption());
  return withHttpOptions(serving, `port, 0 for a free one (default: ${DEFAULT_PORT})`)
    .addHelpText('after', afterHelp)
    .action(async (flags: ServeFlags) =>
      finish(
        await withService(flags, environment, (service) => serve(service, flags, io, environment), { waits: true }),
      ),
    );
}
