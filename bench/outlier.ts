import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableFromIPC } from 'apache-arrow';
import { auroc, averagePrecision } from './ranking.js';

const folder = '../shared/data/outlier';
const setCount = 34;
const floors = { auroc: 0.765, averagePrecision: 0.39 };
const taster = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

const { values: flags } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    sets: { type: 'string', default: '.' },
    out: { type: 'string' },
  },
});

interface Measure {
  readonly set: string;
  readonly rows: number;
  readonly auroc: number;
  readonly averagePrecision: number;
  /** From start to end of the command. */
  readonly seconds: number;
}

/** Suspicion of each row of a file that is scanned without a baseline. */
async function scanAlone(file: string): Promise<ArrayLike<number>> {
  const report = await mkdtemp(join(tmpdir(), 'taster-outlier-'));
  try {
    const parameters = [taster, 'scan', file, '--out', report, '--quiet', '--backend', flags.backend];
    const { status } = spawnSync(process.execPath, parameters, { stdio: 'inherit' });
    if (status !== 0 && status !== 1) throw new Error(`${file}: taster scan ended with ${status}`);
    const rows = tableFromIPC(await readFile(join(report, 'rows.arrow')));
    return rows.getChild('suspicion')?.toArray() as Float64Array;
  } finally {
    await rm(report, { recursive: true, force: true });
  }
}

async function measureSet(set: string): Promise<Measure> {
  const truth = JSON.parse(await readFile(`${folder}/${set}.truth.json`, 'utf8')) as { rows: number[] };
  const anomalies = new Set(truth.rows);
  const before = performance.now();
  const scores = await scanAlone(`${folder}/${set}.parquet`);
  return {
    set,
    rows: scores.length,
    auroc: auroc(scores, (row) => anomalies.has(row)),
    averagePrecision: averagePrecision(scores, (row) => anomalies.has(row)),
    seconds: (performance.now() - before) / 1000,
  };
}

function print(name: string, { auroc: area, averagePrecision: precision, seconds }: Omit<Measure, 'set' | 'rows'>) {
  console.log(`${name.padEnd(22)} ${area.toFixed(3)}  ${precision.toFixed(3)}  ${seconds.toFixed(1).padStart(7)}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Prints the means and says for each floor whether it holds; NaN holds none. */
function judge(measures: readonly Measure[]): boolean[] {
  const means = {
    auroc: mean(measures.map((measure) => measure.auroc)),
    averagePrecision: mean(measures.map((measure) => measure.averagePrecision)),
    seconds: mean(measures.map(({ seconds }) => seconds)),
  };
  print('mean', means);
  return [means.auroc >= floors.auroc, means.averagePrecision >= floors.averagePrecision];
}

if (existsSync(folder)) {
  const wanted = new RegExp(flags.sets);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.parquet')).sort();
  const sets = files.map((file) => file.slice(0, -'.parquet'.length)).filter((set) => wanted.test(set));
  console.log(`${'set'.padEnd(22)} AUROC  AP     seconds`);
  const measures: Measure[] = [];
  for (const set of sets) {
    const measure = await measureSet(set);
    print(set, measure);
    measures.push(measure);
  }
  const outcomes = [sets.length === setCount, ...judge(measures)];
  if (flags.out !== undefined) await writeFile(flags.out, `${JSON.stringify({ floors, measures }, null, 2)}\n`);
  const passed = outcomes.filter(Boolean).length;
  console.log(`floors: mean AUROC ${floors.auroc}, mean AP ${floors.averagePrecision}, ${setCount} sets`);
  console.log(`bench:outlier: ${passed} passed, ${outcomes.length - passed} failed`);
  process.exitCode = passed === outcomes.length ? 0 : 1;
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
