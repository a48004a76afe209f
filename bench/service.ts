import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RedisServer, startRedis } from '../servers/redis.js';
import { type RunningS3, startS3 } from '../servers/s3.js';
import { command, type RunningTaster, runTaster, startTaster, type TasterSurroundings } from '../servers/taster.js';
import { quietAwsSdk } from '../src/config/index.js';
import { costOf, type ProcessCost } from './process-tree.js';
import { countRequests, type RequestCounts, tellRequests } from './request-counts.js';
import { rowsFolder } from './speed-data.js';
import { type StageCost, watchStages } from './stage-costs.js';

const { values: flags } = parseArgs({
  options: {
    shards: { type: 'string', default: '2000' },
    rows: { type: 'string', default: '5000' },
    workers: { type: 'string', default: '1,2,4' },
    'without-baseline': { type: 'boolean', default: false },
  },
});
const [shards, rows] = [Number(flags.shards), Number(flags.rows)];
const fleets = flags.workers.split(',').map(Number);
/** Without it each batch is judged against itself. */
const baseline = flags['without-baseline'] ? undefined : 'trusted.taster';

const root = 'node_modules/.cache/speed';
const TRUSTED_ROWS = 10_000;
const BUCKET = 'bench';
const LOOK_EVERY_MS = 50;
/** To ask whether the large batch is done takes from the cores that work on it. */
const LOOK_AT_LARGE_EVERY_MS = 1000;
const LONGEST_MS = 3_600_000;
const EVENTS_TOKEN = 'of-the-bench-alone';
/** Its arrival says that a batch is whole. */
const MARKER = '_SUCCESS';
/** Of the throughput of one embedded scan with as many processes as there are cores. */
const PROMISED_RATIO = 0.7;
const PROMISED_VERDICT_SECONDS = 2;

const datasetOf = (workers: number) => `fleet-${workers}`;

interface Fleet {
  readonly workers: number;
  readonly seconds: number;
  readonly smallSeconds: number;
  /** Of the service, over the large batch. */
  readonly requests: RequestCounts;
  /** Of the same: of workers, the S3 server and Redis. */
  readonly stages: readonly StageCost[];
}

interface Servers {
  readonly s3: RunningS3;
  readonly redis: RedisServer;
}

async function until(isSo: () => Promise<boolean>, everyMs = LOOK_EVERY_MS): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; !(await isSo()); await sleep(everyMs)) {
    if (Date.now() > end) throw new Error('waited in vain for the service');
  }
}

async function upload(s3: RunningS3, folder: string, key: string, names: readonly string[]): Promise<void> {
  for (const name of names) await s3.putObject(BUCKET, `${key}/${name}`, await readFile(join(folder, name)));
}

const LAST_RECORD = 'records/000002.json';

/** The second record of a batch says that its judgement is carried out. */
function isSettled(s3: RunningS3, dataset: string, batch: string): Promise<boolean> {
  return s3.hasObject(BUCKET, `${dataset}/vault/batches/${batch}/${LAST_RECORD}`);
}

async function secondsUntil(isSo: () => Promise<boolean>, started: number, everyMs?: number): Promise<number> {
  await until(isSo, everyMs);
  return (performance.now() - started) / 1000;
}

/** Tells the service what an ordinary store would: which object has been made. */
async function tell(events: string, key: string): Promise<void> {
  const record = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: BUCKET }, object: { key } } };
  const headers = { authorization: `Bearer ${EVENTS_TOKEN}`, 'content-type': 'application/json' };
  const { ok, status } = await fetch(events, { method: 'POST', headers, body: JSON.stringify({ Records: [record] }) });
  if (!ok) throw new Error(`events are answered with ${status}`);
}

/** The address of events of a `taster serve`. */
async function addressOf({ log }: RunningTaster): Promise<string> {
  const said = async () => (await readFile(log, 'utf8')).split('\n').find((line) => line.includes('"address"'));
  await until(async () => (await said()) !== undefined);
  return `${JSON.parse((await said()) as string).address}/events`;
}

/** All that this bench has started: none of it is left behind, however it ends. */
const running = new Set<RunningTaster>();

function start(argv: readonly string[], surroundings: TasterSurroundings, log: string): RunningTaster {
  const started = startTaster(argv, surroundings, join(surroundings.cwd, log));
  running.add(started);
  return started;
}

async function stopAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop()));
  running.clear();
}

async function startFleet(workers: number, surroundings: TasterSurroundings): Promise<RunningTaster[]> {
  const fleet = Array.from({ length: workers }, (_, number) =>
    start(['worker'], surroundings, `worker-${workers}-${number}.log`),
  );
  await until(async () => {
    const logs = await Promise.all(fleet.map(({ log }) => readFile(log, 'utf8')));
    return logs.every((log) => log.includes('"msg":"ready"'));
  });
  return fleet;
}

async function measure(
  { s3, redis }: Servers,
  surroundings: TasterSurroundings,
  events: string,
  batch: string,
  workers: number,
): Promise<Fleet> {
  const dataset = datasetOf(workers);
  const names = await readdir(batch);
  await upload(s3, batch, `${dataset}/incoming/large`, names);
  const fleet = await startFleet(workers, surroundings);
  const before = (await s3.requests()).length;
  const told = watchStages([fleet.map(({ pid }) => pid), [s3.pid()], [redis.pid()]]);
  const asked = performance.now();
  await runTaster(['enqueue', dataset, 'large'], surroundings);
  const seconds = await secondsUntil(() => isSettled(s3, dataset, 'large'), asked, LOOK_AT_LARGE_EVERY_MS);
  const logs = fleet.map(({ log }) => log);
  const stages = await told(logs, 'large');
  const answered = (await s3.requests()).slice(before);
  // Whether it is done this bench asks itself.
  const requests = countRequests(
    answered,
    (operation, key) => !(operation === 'HeadObject' && key.endsWith(LAST_RECORD)),
  );
  const began = performance.now();
  for (const name of [...names.slice(-1), MARKER]) {
    const key = `${dataset}/incoming/small/${name}`;
    await s3.putObject(BUCKET, key, name === MARKER ? Buffer.alloc(0) : await readFile(join(batch, name)));
    await tell(events, key);
  }
  const smallSeconds = await secondsUntil(() => isSettled(s3, dataset, 'small'), began);
  await Promise.all(fleet.map((worker) => worker.stop()));
  return { workers, seconds, smallSeconds, requests, stages };
}

async function writeConfig(folder: string): Promise<void> {
  const settings = (dataset: string) => {
    const at = (name: string) => `s3://${BUCKET}/${dataset}/${name}`;
    const roots = {
      incoming: at('incoming'),
      released: at('released'),
      quarantine: at('quarantine'),
      vault: at('vault'),
    };
    return [dataset, { ...roots, ...(baseline !== undefined && { baseline }), quietSeconds: 3600 }];
  };
  const datasets = Object.fromEntries(fleets.map((workers) => settings(datasetOf(workers))));
  await writeFile(join(folder, 'taster.config.json'), JSON.stringify({ worker: { concurrency: 1 }, datasets }));
}

async function scanEmbedded(batch: string, folder: string): Promise<ProcessCost> {
  const by = baseline === undefined ? [] : ['--baseline', join(folder, baseline)];
  const scan = [process.execPath, command, 'scan', batch, ...by, '--backend', 'wasm', '--quiet'];
  const cost = await costOf(scan);
  if (cost.exitCode !== 0 && cost.exitCode !== 1) throw new Error(`taster scan ended with ${cost.exitCode}`);
  return cost;
}

/** Processor time is told because it is the same beside other work. */
function tellStages(workers: number, stages: readonly StageCost[]): string {
  const each = (seconds: number) => ((seconds * 1000) / shards).toFixed(0);
  const told = stages.map(({ stage, wallSeconds, cpuSeconds }) => {
    const [fleet = 0, store = 0, queue = 0] = cpuSeconds;
    return `${stage} ${each(fleet)} + ${each(store)} + ${each(queue)} in ${wallSeconds.toFixed(1)} s`;
  });
  const sum = stages.flatMap(({ cpuSeconds }) => cpuSeconds).reduce((a, b) => a + b, 0);
  return `CPU ms a shard, ${workers} workers: ${each(sum)} (workers + S3 server + Redis: ${told.join(', ')})`;
}

function show({ wallSeconds: scanSeconds, cpuSeconds }: ProcessCost, measured: readonly Fleet[]): boolean {
  const scanCpu = ((cpuSeconds * 1000) / shards).toFixed(0);
  console.log(
    `${shards} shards of ${rows} rows; embedded scan: ${scanSeconds.toFixed(1)} s, CPU ${scanCpu} ms a shard`,
  );
  console.log('workers   seconds   of a scan   ms a shard beyond it   one small shard s');
  for (const { workers, seconds, smallSeconds } of measured) {
    const [share, beyond] = [scanSeconds / seconds, ((seconds - scanSeconds) * 1000) / shards];
    const cells = [
      `${workers}`.padStart(7),
      seconds.toFixed(1).padStart(9),
      `${(share * 100).toFixed(0)} %`.padStart(11),
    ];
    console.log([...cells, beyond.toFixed(0).padStart(22), smallSeconds.toFixed(2).padStart(19)].join(' '));
  }
  for (const { workers, requests } of measured) {
    console.log(`requests a shard, ${workers} workers: ${tellRequests(requests, shards)}`);
  }
  for (const { workers, stages } of measured) console.log(tellStages(workers, stages));
  const best = Math.max(...measured.map(({ seconds }) => scanSeconds / seconds));
  const slowest = Math.max(...measured.map(({ smallSeconds }) => smallSeconds));
  const promises: [string, boolean][] = [
    [`at least ${PROMISED_RATIO * 100} % of a scan's throughput`, best >= PROMISED_RATIO],
    [`a small shard within ${PROMISED_VERDICT_SECONDS} s`, slowest <= PROMISED_VERDICT_SECONDS],
  ];
  for (const [what, holds] of promises) console.log(`${holds ? 'ok' : 'FAILED'}  ${what}`);
  return promises.every(([, holds]) => holds);
}

quietAwsSdk();
const folder = await mkdtemp(join(tmpdir(), 'taster-bench-'));
const batch = resolve(await rowsFolder(root, `batch-${shards}x${rows}`, shards * rows, rows));
const trusted = resolve(await rowsFolder(root, `trusted-${TRUSTED_ROWS}`, TRUSTED_ROWS));
const [redis, s3] = [await startRedis(), await startS3({ logsRequests: true })];
try {
  const variables = { ...s3.variables, TASTER_REDIS_URL: redis.url, TASTER_EVENTS_TOKEN: EVENTS_TOKEN };
  const surroundings = { cwd: folder, variables };
  await s3.createBucket(BUCKET);
  await writeConfig(folder);
  await runTaster(
    ['baseline', 'build', trusted, '--out', 'trusted.taster', '--backend', 'wasm', '--quiet'],
    surroundings,
  );
  const scan = await scanEmbedded(batch, folder);
  const server = start(['serve', '--port', '0'], surroundings, 'serve.log');
  const events = await addressOf(server);
  const measured: Fleet[] = [];
  for (const workers of fleets) measured.push(await measure({ s3, redis }, surroundings, events, batch, workers));
  process.exitCode = show(scan, measured) ? 0 : 1;
} finally {
  // Before the servers: what finishes its work needs them.
  await stopAll();
  await Promise.all([redis.stop(), s3.stop(), rm(folder, { recursive: true, force: true })]);
}
