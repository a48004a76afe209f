import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import type { JobCounts } from '../../queue/index.js';
import { safeJson, safeText } from '../../report/index.js';
import { type BatchStatus, batchStatuses } from '../../schedule/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

interface StatusFlags extends ServiceFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

interface Status {
  readonly batches: readonly BatchStatus[];
  readonly queue: Readonly<Record<string, JobCounts>>;
}

const WATCH_MS = 1000;

async function statusOf({ store, config, queue }: Service): Promise<Status> {
  const statuses: BatchStatus[] = [];
  for (const dataset of config.datasets.values()) statuses.push(...(await batchStatuses(store, dataset)));
  return { batches: statuses, queue: await queue.counts() };
}

function inWords({ batches, queue }: Status): string {
  const lines = batches.map(({ dataset, batch, state, shards, released, held, rejected }) => {
    const name = `${dataset} ${batch}`;
    const counts = state === 'sealed' ? '' : `, ${released} released, ${held} held, ${rejected} rejected`;
    return `${state.padEnd(8)} ${safeText(name)}: ${shards} shards${counts}`;
  });
  const jobs = Object.entries(queue).map(
    ([stage, counts]) =>
      `${stage} ${counts.active} active, ${counts.waiting + counts.delayed} waiting, ${counts.failed} failed`,
  );
  return `${lines.length === 0 ? 'No batch is sealed yet.' : lines.join('\n')}\nQueue: ${jobs.join('; ')}\n`;
}

async function run(service: Service, { json, watch }: StatusFlags, { stdout }: CliIo): Promise<ExitCode> {
  for (;;) {
    const status = await statusOf(service);
    stdout.write(json === true ? safeJson(`${JSON.stringify(status, null, 2)}\n`) : inWords(status));
    if (watch !== true || status.batches.every(({ state }) => state === 'settled')) return exitCodes.released;
    await sleep(WATCH_MS);
  }
}

/** `taster status`; hands its exit code to `finish`. */
export function statusCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('status')
    .description('Tells how far each batch is and what waits in the queue.')
    .addOption(configOption())
    .option('--json', 'print it as JSON')
    .option('--watch', 'print it every second until all batches are settled')
    .action(async (flags: StatusFlags) =>
      finish(await withService(flags, environment, (service) => run(service, flags, io))),
    );
}
