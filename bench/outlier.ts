import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseShard, pinShard } from '../src/intake/index.js';
import { startBackend } from '../src/linear/index.js';
import { fileStore } from '../src/store/index.js';
import { encodeAlone, leaveOut, type Scoring, twoFold } from './outlier-scores.js';
import { auroc, averagePrecision } from './ranking.js';

const folder = '../shared/data/outlier';
const setCount = 34;
const floors = { auroc: 0.75, averagePrecision: 0.35 };
const scorings: Readonly<Record<string, Scoring>> = { 'leave-out': leaveOut, 'two-fold': twoFold };

const { values: flags } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    sets: { type: 'string', default: '.' },
    out: { type: 'string' },
  },
});

interface Measure {
  readonly set: string;
  readonly scoring: string;
  readonly rows: number;
  readonly auroc: number;
  readonly averagePrecision: number;
  /** Processor time. */
  readonly seconds: number;
}

async function measureSet(set: string): Promise<Measure[]> {
  const [object] = await fileStore.list(`${folder}/${set}.parquet`);
  if (object === undefined) throw new Error(`${set} is not there`);
  const rows = encodeAlone(await parseShard(await pinShard(fileStore, object)));
  const truth = JSON.parse(await readFile(`${folder}/${set}.truth.json`, 'utf8')) as { rows: number[] };
  const anomalies = new Set(truth.rows);
  return Object.entries(scorings).map(([scoring, score]) => {
    const before = process.cpuUsage();
    const scores = score(rows);
    const { user, system } = process.cpuUsage(before);
    return {
      set,
      scoring,
      rows: rows.rows,
      auroc: auroc(scores, (row) => anomalies.has(row)),
      averagePrecision: averagePrecision(scores, (row) => anomalies.has(row)),
      seconds: (user + system) / 1e6,
    };
  });
}

function print(
  name: string,
  { scoring, auroc: area, averagePrecision: precision, seconds }: Omit<Measure, 'set' | 'rows'>,
) {
  console.log(
    `${name.padEnd(22)} ${scoring.padEnd(10)} ${area.toFixed(3)}  ${precision.toFixed(3)}  ${seconds.toFixed(2).padStart(6)}`,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Prints the means and says for each floor whether it holds; NaN holds none. */
function judge(measures: readonly Measure[]): boolean[] {
  return Object.keys(scorings).flatMap((scoring) => {
    const own = measures.filter((measure) => measure.scoring === scoring);
    const means = {
      scoring,
      auroc: mean(own.map((measure) => measure.auroc)),
      averagePrecision: mean(own.map((measure) => measure.averagePrecision)),
      seconds: mean(own.map(({ seconds }) => seconds)),
    };
    print('mean', means);
    return [means.auroc >= floors.auroc, means.averagePrecision >= floors.averagePrecision];
  });
}

if (existsSync(folder)) {
  await startBackend(flags.backend === 'native' ? 'native' : 'wasm');
  const wanted = new RegExp(flags.sets);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.parquet')).sort();
  const sets = files.map((file) => file.slice(0, -'.parquet'.length)).filter((set) => wanted.test(set));
  console.log(`${'set'.padEnd(33)} AUROC     AP  seconds`);
  const measures: Measure[] = [];
  for (const set of sets) {
    const own = await measureSet(set);
    for (const measure of own) print(set, measure);
    measures.push(...own);
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
