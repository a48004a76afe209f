import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../src/linear/index.js';
import type { Report } from '../../src/schema/index.js';
import { layModel, threeNumbersCsv } from '../model/contract.js';
import { inFolder, saveGraph } from '../model/tiny.js';
import { taster } from './in-process.js';

beforeAll(async () => {
  await startBackend('wasm');
});

/** Trusted rows, two shards, a model and a contract that names it. */
async function lay(folder: string) {
  const at = (name: string) => join(folder, name);
  await mkdir(at('batch'));
  await writeFile(at('trusted.csv'), threeNumbersCsv('trusted', 400));
  await writeFile(at('batch/good.csv'), threeNumbersCsv('good', 120));
  await writeFile(at('batch/lacking.csv'), threeNumbersCsv('lacking', 120).replace('weight', 'mass'));
  const { contract, sha256: digest } = await layModel(folder);
  return { at, contract, digest };
}

describe("a scan with the user's own model", () => {
  it('judges rows by what it makes of them, and says which model that was', () =>
    inFolder(async (folder) => {
      const { at, contract, digest } = await lay(folder);
      await writeFile(at('contract.json'), JSON.stringify(contract));

      const built = await taster(
        'baseline',
        'build',
        at('trusted.csv'),
        '--contract',
        at('contract.json'),
        '--out',
        at('b.taster'),
      );
      expect(built).toMatchObject({ exitCode: 0, stderr: '' });
      for (const baseline of [at('trusted.csv'), at('b.taster')]) {
        const { stdout, stderr } = await taster(
          'scan',
          at('batch'),
          '--baseline',
          baseline,
          '--contract',
          at('contract.json'),
          '--json',
        );
        expect(stderr).toBe('');
        const report = JSON.parse(stdout) as Report;
        expect(report.contract!.models).toEqual([{ name: 'embedding', sha256: digest }]);
        expect(report.columns).toContainEqual(expect.objectContaining({ name: 'embedding', role: 'embedding' }));
        const [good, lacking] = report.shards;
        expect(good!.verdict).toBe('release');
        expect(lacking!.verdict).toBe('quarantine');
        const said = report.findings.map(({ evidence }) => JSON.stringify(evidence)).join();
        expect(said).toContain('weight');
      }

      const without = await taster('scan', at('batch'), '--baseline', at('b.taster'));
      expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was built with model embedding') });
    }));

  it('does so without a baseline, too', () =>
    inFolder(async (folder) => {
      const { at, contract, digest } = await lay(folder);
      await writeFile(at('contract.json'), JSON.stringify(contract));
      await writeFile(at('batch/also-good.csv'), await readFile(at('trusted.csv')));
      const scanned = await taster('scan', at('batch'), '--contract', at('contract.json'), '--json');
      expect(scanned.stderr).toBe('');
      const report = JSON.parse(scanned.stdout) as Report;
      expect(report.contract!.models).toEqual([{ name: 'embedding', sha256: digest }]);
      expect(report.columns).toContainEqual(expect.objectContaining({ name: 'embedding', role: 'embedding' }));
      expect(report.baseline).toMatchObject({ provisional: true, rows: 520 });
      expect(report.shards.map(({ verdict }) => verdict)).toEqual(['release', 'release', 'quarantine']);

      await saveGraph(at('embedder'), [1, 2, 3, 4, 5, 7]);
      const changed = await taster('scan', at('batch'), '--contract', at('contract.json'));
      expect(changed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(digest) });
    }));

  it('ends before anything is judged when the model was changed, naming both digests', () =>
    inFolder(async (folder) => {
      const { at, contract, digest } = await lay(folder);
      await writeFile(at('contract.json'), JSON.stringify(contract));
      await saveGraph(at('embedder'), [1, 2, 3, 4, 5, 7]);
      const { exitCode, stderr } = await taster(
        'scan',
        at('batch'),
        '--baseline',
        at('trusted.csv'),
        '--contract',
        at('contract.json'),
      );
      expect(exitCode).toBe(2);
      expect(stderr).toContain(digest);
      expect(stderr).toContain((await taster('contract', 'digest', at('embedder/model.json'))).stdout.trim());
      expect(stderr).toContain('taster contract digest');
    }));

  it('ends when the inputs are not as wide as the model', () =>
    inFolder(async (folder) => {
      const { at, contract } = await lay(folder);
      contract.models[0]!.inputs = ['size', 'weight'];
      await writeFile(at('contract.json'), JSON.stringify(contract));
      const { exitCode, stderr } = await taster(
        'scan',
        at('batch'),
        '--baseline',
        at('trusted.csv'),
        '--contract',
        at('contract.json'),
      );
      expect(exitCode).toBe(2);
      expect(stderr).toContain('takes [3] numbers a row, its inputs have 2');
    }));
});
