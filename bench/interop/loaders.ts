import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/schema/index.js';
import { pythonWith } from '../python-environment.js';
import { assertEqual, type Check } from './check.js';

/** Runs a recipe on what the gate lets through, and prints the rows that it has loaded. */
const program = `
import json, sys
sys.path.insert(0, 'clients/python')
from taster_gate import released
batch, verdict, trust, recipe = sys.argv[1:]
given = {'files': released(batch, verdict, trust, 'digits')}
exec(recipe, given)
print(json.dumps(sum(map(len, given['frames'])) if 'frames' in given else len(given['data'])))
`;

/** One for each way to load files that clients/python/README.md shows for Hugging Face and pandas. */
function recipes(): string[] {
  const blocks = readFileSync('clients/python/README.md', 'utf8').matchAll(/^```python\n([\s\S]*?)^```$/gm);
  const block = [...blocks].map(([, code = '']) => code).find((code) => code.includes('load_dataset')) ?? '';
  return block.split('\n\n');
}

/** The loaders of clients/python/README.md read all rows of the released shards of a scanned batch, and no other row. */
export async function loaderChecks(folder: string): Promise<Check[]> {
  const python = await pythonWith('loaders', 'bench/interop/loaders-requirements.txt');
  const inFolder = (name: string) => join(folder, name);
  const { shards } = JSON.parse(readFileSync(inFolder('report/report.json'), 'utf8')) as Report;
  const rows = shards.filter(({ released }) => released).reduce((sum, shard) => sum + (shard.rows ?? 0), 0);
  const given = [inFolder('batch'), inFolder('report/verdict.json'), inFolder('trust.json')];
  const env = { ...process.env, HF_HOME: inFolder('hugging-face'), HF_HUB_OFFLINE: '1' };
  const loaders = recipes();
  assertEqual(loaders.length, 3, 'recipes in the README of the Python client');
  return loaders.map((recipe) => ({
    name: `gate in Python: ${recipe.split('\n')[0]?.replace(/^# /, '')}`,
    run: async () => {
      const told = execFileSync(python, ['-c', program, ...given, recipe], { env, stdio: 'pipe' });
      assertEqual(JSON.parse(told.toString()), rows, 'rows');
    },
  }));
}
