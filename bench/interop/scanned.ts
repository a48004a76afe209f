import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { copyFile, cp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { released } from '../../src/client/index.js';
import { BadInput } from '../../src/errors.js';
import { pythonWith } from '../python-environment.js';
import { assertEqual, type Check } from './check.js';
import { loaderChecks } from './loaders.js';

const sound = [1, 3, 4, 6, 8].map((number) => `images-${number}.parquet`);
const [POISONED, REPLACED] = ['images-2.parquet', 'images-1.parquet'];

/** What a gate lets through, by the SHA-256 of what it reads; or why it refuses. */
interface Passed {
  readonly files: readonly (readonly [name: string, sha256: string])[];
  readonly problem: string;
}

const program = `
import hashlib, json, sys
sys.path.insert(0, 'clients/python')
from taster_gate import released, Refused
batch, verdict, trust = sys.argv[1:]
try:
    files = released(batch, verdict, trust, 'digits')
    print(json.dumps({'files': [[f.name, hashlib.sha256(f.read()).hexdigest()] for f in files], 'problem': ''}))
except Refused as refused:
    print(json.dumps({'files': [], 'problem': str(refused)}))
`;

/** A batch of which three shards are poisoned, scanned and enforced by the command, before both gates. */
export async function scannedChecks(): Promise<{ checks: Check[]; stop: () => Promise<void> }> {
  const python = await pythonWith('model-signing', 'bench/interop/requirements.txt');
  const root = mkdtempSync(join(tmpdir(), 'taster-scanned-'));
  const at = (name: string) => join(root, name);
  await scanPoisoned(at);
  await cp(at('batch'), at('replaced'), { recursive: true });
  await copyFile(at(`batch/${POISONED}`), at(`replaced/${REPLACED}`));

  const [verdict, trust] = [at('report/verdict.json'), at('trust.json')];
  const inNode = (batch: string) => passedByNode({ batch, verdict, trust, dataset: 'digits' });
  const inPython = async (batch: string) =>
    JSON.parse(execFileSync(python, ['-c', program, batch, verdict, trust]).toString()) as Passed;
  const checks = Object.entries({ gate: inNode, 'gate in Python': inPython }).flatMap(([gate, pass]): Check[] => [
    {
      name: `${gate}: sound shards of a scanned batch, and no poisoned one`,
      run: async () => {
        const { files, problem } = await pass(at('batch'));
        assertEqual(problem, '', 'refusal');
        const names = files.map(([name]) => name);
        assertEqual(names, sound, 'what passes');
      },
    },
    {
      name: `${gate}: a poisoned shard under the name of a released one`,
      run: async () => {
        const { files, problem } = await pass(at('replaced'));
        assertEqual(files, [], 'what passes');
        assertEqual(problem.includes(`${REPLACED}: its bytes are not those that were released`), true, problem);
      },
    },
  ]);
  const readAlike = async () =>
    assertEqual(await inPython(at('batch')), await inNode(at('batch')), 'what Python reads');
  checks.push({ name: 'gate in Python: reads the bytes that Node reads', run: readAlike });
  checks.push(...(await loaderChecks(root)));
  return { checks, stop: () => rm(root, { recursive: true, force: true }) };
}

async function scanPoisoned(at: (name: string) => string): Promise<void> {
  await cp('datasets/digits/incoming', at('batch'), { recursive: true });
  const scanner = generateKeyPairSync('ed25519');
  await writeFile(at('scanner.pem'), scanner.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const key = scanner.publicKey.export({ type: 'spki', format: 'pem' });
  const verifiers = [{ name: 'scanner', key, datasets: ['digits'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers, requireStatus: false }));
  const command = ['dist/src/cli/main.js', 'scan', at('batch'), '--baseline', 'datasets/digits/trusted', '--quiet'];
  const outcome = [...command, '--dataset', 'digits', '--sign', at('scanner.pem'), '--out', at('report')];
  const { status, stderr } = spawnSync(process.execPath, outcome, { encoding: 'utf8' });
  assertEqual(status, 1, `the scan's exit code (${stderr})`);
}

async function passedByNode(request: Parameters<typeof released>[0]): Promise<Passed> {
  try {
    const files = (await released(request)).map(async ({ path, read }) => {
      const sha256 = createHash('sha256').update(await read());
      return [path, sha256.digest('hex')] as const;
    });
    return { files: await Promise.all(files), problem: '' };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { files: [], problem: error.message };
  }
}
