import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapAtOnce } from '../src/store/index.js';
import { type CaseResults, floors } from './case-floors.js';

const scorer = '../shared/measure/score_cases.py';
const cases = '../shared/data/cases';
const python = 'node_modules/.cache/cases-python';
const packages = ['pyarrow', 'numpy', 'scikit-learn'];

function run(program: string, parameters: readonly string[]): number | null {
  return spawnSync(program, parameters, { stdio: 'inherit' }).status;
}

async function pythonPath(): Promise<string> {
  const program = join(python, 'bin', 'python');
  const probe = spawnSync(program, ['-c', 'import pyarrow, numpy, sklearn']);
  if (probe.status === 0) return program;
  await rm(python, { recursive: true, force: true });
  await mkdir('node_modules/.cache', { recursive: true });
  const isReady =
    run('python3', ['-m', 'venv', python]) === 0 && run(program, ['-m', 'pip', 'install', '-q', ...packages]) === 0;
  if (!isReady)
    throw new Error('The Python environment could not be made: python3 with venv and a package index are needed.');
  return program;
}

/** The ends of the cases' names, `<corpus>--<attack>`: those of one attack take about as long as those of any other. */
async function attacks(): Promise<string[]> {
  const named = (await readdir(cases)).map((name) => /--(.+)$/.exec(name)?.[1]);
  return [...new Set(named.filter((attack) => attack !== undefined))].sort();
}

/** What the scorer says of the cases of one attack; it prints each as it goes. */
async function scoreAttack(interpreter: string, attack: string, folder: string): Promise<CaseResults> {
  const results = join(folder, `${attack}.json`);
  const parameters = [scorer, '--cases', cases, `--only=--${attack}$`, '--out', results];
  await once(spawn(interpreter, parameters, { stdio: 'inherit' }), 'close');
  return JSON.parse(await readFile(results, 'utf8')) as CaseResults;
}

/** Half of a scan of few rows runs on one core, so that as many are scored at once as there are cores. */
async function score(): Promise<CaseResults> {
  const folder = await mkdtemp(join(tmpdir(), 'taster-cases-'));
  try {
    const interpreter = await pythonPath();
    const scored = await mapAtOnce(
      await attacks(),
      (attack) => scoreAttack(interpreter, attack, folder),
      availableParallelism(),
    );
    return { cases: scored.flatMap((results) => results.cases) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (existsSync(scorer) && existsSync(cases)) {
  const outcomes = floors(await score());
  for (const { holds, text } of outcomes) console.log(`${holds ? 'ok' : 'FAILED'}  ${text}`);
  const passed = outcomes.filter(({ holds }) => holds).length;
  console.log(`test:cases: ${passed} passed, ${outcomes.length - passed} failed`);
  process.exitCode = passed === outcomes.length ? 0 : 1;
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
