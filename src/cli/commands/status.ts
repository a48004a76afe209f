import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import { count } from '../../count.js';
import { Transient } from '../../errors.js';
import type { JobCounts } from '../../queue/index.js';
import { safeJson, safeText } from '../../safe-text.js';
import { type BatchStatus, batchStatuses, pauseOf } from '../../schedule/index.js';
import type { PauseRecord } from '../../schema/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type Service, type ServiceFlags, withService } from '../service.js';

interface StatusFlags extends ServiceFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

interface PausedDataset extends Omit<PauseRecord, 'kind'> {
  readonly dataset: string;
}

interface Status {
  readonly paused: readonly PausedDataset[];
  readonly batches: readonly BatchStatus[];
  readonly queue: Readonly<Record<string, JobCounts>>;
}

const WATCH_MS = 1000;

const afterHelp = `
A batch has failed when its work went wrong however often it was tried: mend
what is said of it, then run taster reconcile.

Exit codes:
  0  told; with --watch: all batches are settled, and there is one
  2  wrong usage or configuration
  3  the surroundings failed: store, queue; with --watch also where a batch has
     failed`;

async function statusOf({ store, config, queue }: Service): Promise<Status> {
  const statuses: BatchStatus[] = [];
  const paused: PausedDataset[] = [];
  const failed = await queue.failedBatches();
  for (const dataset of config.datasets.values()) {
    statuses.push(...(await batchStatuses(store, dataset, failed)));
    const pause = await pauseOf(store, dataset);
    if (pause !== undefined) paused.push({ dataset: dataset.name, why: pause.why, by: pause.by, at: pause.at });
  }
  return { paused, batches: statuses, queue: await queue.counts() };
}

function pauseInWords({ dataset, why, by, at }: PausedDataset): string {
  const said = [` since ${at}`, ...(by === null ? [] : [`, by ${by}`]), ...(why === null ? [] : [`: ${why}`])];
  return safeText(`${'paused'.padEnd(8)} ${dataset}${said.join('')}`);
}

/** What is done at the stages that may fail. */
const DOING = { decide: 'deciding on it', enforce: 'putting its shards where they belong' } as const;

function batchInWords({ dataset, batch, state, shards, released, held, rejected, ...more }: BatchStatus): string {
  const recalled = more.recalled === 0 ? '' : `, ${more.recalled} recalled`;
  const counts = more.decision === null ? '' : `, ${released} released, ${held} held, ${rejected} rejected${recalled}`;
  const line = `${state.padEnd(8)} ${safeText(`${dataset} ${batch}`)}: ${count(shards, 'shard')}${counts}`;
  if (more.failure === null) return line;
  return `${line}\n         ${DOING[more.failure.stage]} has failed: ${safeText(more.failure.reason)}`;
}

function inWords({ paused, batches, queue }: Status): string {
  const lines = batches.map(batchInWords);
  const jobs = Object.entries(queue).map(
    ([stage, counts]) =>
      `${stage} ${counts.active} active, ${counts.waiting + counts.delayed} waiting, ${counts.failed} failed`,
  );
  const all = [...paused.map(pauseInWords), ...(lines.length === 0 ? ['No batch is sealed yet.'] : lines)];
  return `${all.join('\n')}\nQueue: ${jobs.join('; ')}\n`;
}

/** Before anything is sealed nothing has ended either. */
function hasEnded({ batches }: Status): boolean {
  return batches.length > 0 && batches.every(({ state }) => state === 'settled' || state === 'failed');
}

/** @throws Transient BATCHES_FAILED */
function outcomeOf({ batches }: Status): ExitCode {
  const failed = batches.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return exitCodes.released;
  const names = failed.map(({ dataset, batch }) => `${dataset} ${batch}`).join(', ');
  throw new Transient('BATCHES_FAILED', { count: failed.length, names });
}

async function run(service: Service, { json, watch }: StatusFlags, { stdout }: CliIo): Promise<ExitCode> {
  for (;;) {
    const status = await statusOf(service);
    stdout.write(json === true ? safeJson(`${JSON.stringify(status, null, 2)}\n`) : inWords(status));
    if (watch !== true || hasEnded(status)) return watch === true ? outcomeOf(status) : exitCodes.released;
    await sleep(WATCH_MS);
  }
}

/** `taster status`; hands its exit code to `finish`. */
export function statusCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('status')
    .description('Tells how far each batch is and what waits in the queue.')
    .addOption(configOption())
    .option('--json', 'print it as JSON')
    .option('--watch', 'print it every second until all batches are settled or have failed')
    .addHelpText('after', afterHelp)
    .action(async (flags: StatusFlags) =>
      finish(await withService(flags, environment, (service) => run(service, flags, io))),
    );
}
