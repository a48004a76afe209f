import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { assess, type Phase } from '../src/assess/index.js';
import { encodeArtefact } from '../src/baseline/artefact/artefact.js';
import { openBaseline } from '../src/baseline/index.js';
import { settleTensorflow } from '../src/config/index.js';
import { locateShards } from '../src/intake/index.js';
import { type Backend, startBackend } from '../src/linear/index.js';
import { fileStore } from '../src/store/index.js';
import { costOf, type ProcessCost } from './process-tree.js';
import { rowsFolder } from './speed-data.js';

settleTensorflow();

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000,1000000,4000000' },
    backend: { type: 'string', default: 'wasm' },
    /** Three: label-flip, outlier and duplicate-flood. */
    detectors: { type: 'string', default: 'three,all' },
    out: { type: 'string' },
  },
});

const root = 'node_modules/.cache/speed';
const trustedRows = 50_000;
const taster = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const merelyParse = fileURLToPath(new URL('./speed-parse.js', import.meta.url));
const backend = flags.backend as Backend;

/** Label-flip, outlier and duplicate-flood alone, or whatever there is. */
type Detectors = 'three' | 'all';

/** What is promised of three: rows a second at a million rows on two cores, and how many times hashing and parsing the whole may take. */
const promises: Readonly<Record<Backend, { rowsPerSecond: number; timesParsing: number }>> = {
  wasm: { rowsPerSecond: 120_000, timesParsing: 6 },
  native: { rowsPerSecond: 250_000, timesParsing: 4 },
};
const promisedBytes = 1.5e9;
const NONE_NAMED = { ids: [] };

/** What all of them may cost beside three. */
const mostTimesThree = 2;

interface Run {
  readonly detectors: Detectors;
  readonly rows: number;
  readonly scan: ProcessCost;
  readonly rowsPerSecond: number;
  readonly parseSeconds: number;
}

/** As it is built: all detectors. */
async function buildBaseline(): Promise<string> {
  const trusted = await rowsFolder(root, `trusted-${trustedRows}`, trustedRows);
  const file = join(root, `trusted-${backend}.taster`);
  const { exitCode, wallSeconds } = await costOf([
    ...[process.execPath, taster, 'baseline', 'build', trusted, '--out', file, '--force', '--backend', backend],
  ]);
  if (exitCode !== 0) throw new Error(`taster baseline build ended with ${exitCode}`);
  console.log(`Baseline of ${trustedRows} rows built in ${wallSeconds.toFixed(1)} s\n`);
  return file;
}

/** The same for label-flip, outlier and duplicate-flood alone: without what triggers, drift and shared patterns are told by. */
async function keepThree(file: string): Promise<string> {
  const { baseline } = await openBaseline(fileStore, file, NONE_NAMED);
  const { bytes } = encodeArtefact({ ...baseline, items: null, spectral: null }, NONE_NAMED, {
    taster: 'bench',
    backend,
  });
  const three = join(root, `three-${backend}.taster`);
  await writeFile(three, bytes);
  return three;
}

async function measure(rows: number, detectors: Detectors, baseline: string): Promise<Run> {
  const batch = await rowsFolder(root, `batch-${rows}`, rows);
  const out = join(root, 'report');
  const command = [process.execPath, taster, 'scan', batch, '--baseline', baseline, '--backend', backend];
  const scan = await costOf([...command, '--out', out, '--quiet']);
  await rm(out, { recursive: true, force: true });
  if (scan.exitCode !== 0 && scan.exitCode !== 1) throw new Error(`taster scan ended with ${scan.exitCode}`);
  const started = performance.now();
  const cores = availableParallelism();
  await Promise.all(
    Array.from({ length: cores }, (_, part) => costOf([process.execPath, merelyParse, batch, `${part}`, `${cores}`])),
  );
  const parseSeconds = (performance.now() - started) / 1000;
  return { detectors, rows, scan, rowsPerSecond: rows / scan.wallSeconds, parseSeconds };
}

/** Where one process spends its time on some shards: seconds of CPU per million rows. */
async function phases(baselineFile: string): Promise<Map<Phase, number>> {
  await startBackend(backend);
  const { baseline, named } = await openBaseline(fileStore, baselineFile, NONE_NAMED);
  const all = await locateShards(fileStore, [await rowsFolder(root, 'batch-1000000', 1_000_000)]);
  // The first ones pay for compilation, which a long scan does not feel.
  const [warmUp, shards] = [all.slice(0, 2), all.slice(2, 10)];
  for (const shard of warmUp) await assess(fileStore, shard, { baseline, columns: named });
  const seconds = new Map<Phase, number>();
  let current: Phase = 'hash';
  let since = process.cpuUsage();
  const onPhase = (next: Phase) => {
    const { user, system } = process.cpuUsage(since);
    since = process.cpuUsage();
    seconds.set(current, (seconds.get(current) ?? 0) + (user + system) / 1e6);
    current = next;
  };
  let rows = 0;
  for (const shard of shards) {
    const { assessment } = await assess(fileStore, shard, { baseline, columns: named, onPhase });
    rows += assessment.rows ?? 0;
  }
  onPhase('hash');
  return new Map([...seconds].map(([phase, spent]) => [phase, (spent * 1e6) / rows]));
}

function line(what: string, holds: boolean): boolean {
  console.log(`${holds ? 'ok' : 'FAILED'}  ${what}`);
  return holds;
}

function check(runs: readonly Run[]): boolean[] {
  const of = (wanted: Detectors) => runs.filter(({ detectors }) => detectors === wanted);
  const [three, all] = [atMillion(of('three')), atMillion(of('all'))];
  return [
    ...checkGrowth(of('all')),
    ...(three === undefined ? [] : checkSpeed(three)),
    ...(three === undefined || all === undefined
      ? []
      : [
          line(
            `all detectors take at most ${mostTimesThree} times the CPU seconds of three`,
            all.scan.cpuSeconds <= mostTimesThree * three.scan.cpuSeconds,
          ),
        ]),
  ];
}

function atMillion(runs: readonly Run[]): Run | undefined {
  return runs.find(({ rows }) => rows === 1_000_000);
}

function checkGrowth(runs: readonly Run[]): boolean[] {
  const [least, most] = [runs[0], runs.at(-1)];
  const peaks = runs.map(({ scan }) => scan.peakBytes ?? 0);
  return [
    ...(least && most
      ? [line('throughput flat or rising with rows', most.rowsPerSecond >= 0.9 * least.rowsPerSecond)]
      : []),
    line(`memory below ${promisedBytes / 1e9} GB`, Math.max(...peaks) < promisedBytes),
    line('memory flat in rows', (peaks.at(-1) ?? 0) <= 1.15 * (peaks.at(-2) ?? peaks.at(-1) ?? 0)),
  ];
}

function checkSpeed({ rowsPerSecond, scan, parseSeconds }: Run): boolean[] {
  const promised = promises[backend];
  return [
    line(`at least ${promised.rowsPerSecond} rows/s at 1 M rows`, rowsPerSecond >= promised.rowsPerSecond),
    line(
      `at most ${promised.timesParsing} times hashing and parsing`,
      scan.wallSeconds <= promised.timesParsing * parseSeconds,
    ),
  ];
}

await mkdir(root, { recursive: true });
const baseline = await buildBaseline();
const baselines: Readonly<Record<Detectors, string>> = { all: baseline, three: await keepThree(baseline) };
const runs: Run[] = [];
console.log(`${backend}, ${availableParallelism()} cores; hash + parse alone is what any scan has to spend`);
console.log('detectors       rows    rows/s   wall s   CPU s   peak MB   hash + parse s   times');
const sizes = flags.rows.split(',').map(Number);
const sets = flags.detectors.split(',') as Detectors[];
for (const { detectors, rows } of sets.flatMap((own) => sizes.map((size) => ({ detectors: own, rows: size })))) {
  const run = await measure(rows, detectors, baselines[detectors]);
  runs.push(run);
  const { wallSeconds, cpuSeconds, peakBytes } = run.scan;
  const cells = [
    detectors.padEnd(9),
    String(rows).padStart(10),
    run.rowsPerSecond.toFixed(0).padStart(9),
    wallSeconds.toFixed(1).padStart(8),
    cpuSeconds.toFixed(1).padStart(7),
    ((peakBytes ?? Number.NaN) / 1e6).toFixed(0).padStart(9),
    run.parseSeconds.toFixed(1).padStart(16),
    (wallSeconds / run.parseSeconds).toFixed(1).padStart(7),
  ];
  console.log(cells.join(' '));
}
const spent = await phases(baseline);
console.log('\nCPU seconds per million rows, one process:');
for (const [phase, seconds] of spent) console.log(`  ${phase.padEnd(10)} ${seconds.toFixed(2).padStart(6)}`);
console.log('');
const outcomes = check(runs);
if (flags.out !== undefined) {
  await writeFile(flags.out, `${JSON.stringify({ backend, runs, phases: Object.fromEntries(spent) }, null, 2)}\n`);
}
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
