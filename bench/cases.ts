import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

async function score(): Promise<CaseResults> {
  const folder = await mkdtemp(join(tmpdir(), 'taster-cases-'));
  try {
    const results = join(folder, 'results.json');
    run(await pythonPath(), [scorer, '--cases', cases, '--out', results]);
    return JSON.parse(await readFile(results, 'utf8')) as CaseResults;
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
