import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentJudgement, findArrival, readRecords, readSeal, sealArrival } from '../../src/batch/index.js';
import { type Dataset, loadConfig, type ServiceConfig } from '../../src/config/index.js';
import { enforce } from '../../src/enforce/index.js';
import { fileStore } from '../../src/store/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { taster } from '../cli/in-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { type Judging, openJudging } from './judging.js';

const at = temporaryFolder();
let judging: Judging;
let config: ServiceConfig;
let dataset: Dataset;

beforeAll(async () => {
  await writeFiles(at('trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  await taster('baseline', 'build', at('trusted'), '--out', at('trusted.taster'), '--quiet');
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  const settings = { ...roots, baseline: 'trusted.taster', mode: 'enforce' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
  writeFileSync(at('elsewhere.csv'), tabularCsv('elsewhere', 90));
  config = loadConfig(at('config.json'));
  dataset = config.datasets.get('d') as Dataset;
  mkdirSync(at('scratch'));
  judging = openJudging(at('scratch'));
});
afterAll(() => judging.stop());

/** Shards of the batch that holds them: one that is read and three that may not be. */
async function upload(batch: string): Promise<void> {
  await writeFiles(at('in', batch), { 'm.csv': tabularCsv('m', 90) });
  symlinkSync(at('elsewhere.csv'), at('in', batch, 'leaves.csv'));
  symlinkSync(at('nowhere.csv'), at('in', batch, 'nowhere.csv'));
  execFileSync('mkfifo', [at('in', batch, 'pipe.csv')]);
}

describe.skipIf(process.platform === 'win32')('what a folder has beside files', () => {
  it('is held, and decided on as in a scan of the folder', async () => {
    await upload('monday');
    await judging.judge(config, 'd', 'monday');
    const shards = currentJudgement(await readRecords(fileStore, dataset.vault, 'monday'))?.shards;
    expect(shards?.map(({ path, released }) => [path, released])).toEqual([
      ['leaves.csv', false],
      ['m.csv', true],
      ['nowhere.csv', false],
      ['pipe.csv', false],
    ]);
    const options = ['--baseline', at('trusted.taster'), '--ledger', at('ledger'), '--out', at('scanned'), '--quiet'];
    const scanned = await taster('scan', at('in/monday'), ...options);
    expect(scanned).toMatchObject({ exitCode: 1 });
    const [decision = ''] = readdirSync(at('vault/batches/monday/decisions'));
    for (const name of ['report.json', 'report.html', 'rows.arrow']) {
      const own = readFileSync(at('vault/batches/monday/decisions', decision, name));
      expect([name, own.equals(readFileSync(at('scanned', name)))]).toEqual([name, true]);
    }
    const { shards: placed } = await enforce(fileStore, dataset, 'monday', null);
    expect(placed.map(({ standing }) => standing)).toEqual(['held', 'released', 'held', 'held']);
    expect(readdirSync(at('released/monday')).sort()).toEqual(['m.csv', 'verdict.json']);
    // What cannot be read is copied nowhere.
    expect(readdirSync(at())).not.toContain('quarantine');
  });

  it('makes a batch by itself, and another once files have taken its place', async () => {
    await upload('tuesday');
    rmSync(at('in/tuesday/m.csv'));
    const arrival = await findArrival(fileStore, dataset, 'tuesday');
    expect(await sealArrival(fileStore, dataset, arrival)).toBe('tuesday');
    expect((await readSeal(fileStore, dataset.vault, 'tuesday'))?.shards.map(({ refused }) => refused)).toEqual([
      'it is a link that leads out of its folder: put the file itself there',
      'it is a link that leads nowhere: put the file itself there',
      'it is a pipe, a socket or a device: put a file there',
    ]);
    rmSync(at('in/tuesday/nowhere.csv'));
    writeFileSync(at('in/tuesday/nowhere.csv'), '');
    const later = await findArrival(fileStore, dataset, 'tuesday');
    expect([later.batch, later.shards.map(({ path }) => path)]).toEqual(['tuesday~2', ['nowhere.csv']]);
  });

  it('is seen by a sweep that had found nothing new', async () => {
    const stateOf = async (name: string) => {
      for await (const folder of fileStore.folderStates(dataset.incoming))
        if (folder.name === name) return folder.state;
      return undefined;
    };
    await writeFiles(at('in/wednesday'), { 'm.csv': tabularCsv('m', 90) });
    const before = await stateOf('wednesday');
    expect(before).toBe((await findArrival(fileStore, dataset, 'wednesday')).state);
    symlinkSync(at('elsewhere.csv'), at('in/wednesday/leaves.csv'));
    const after = await stateOf('wednesday');
    expect(after).not.toBe(before);
    expect(after).toBe((await findArrival(fileStore, dataset, 'wednesday')).state);
  });
});
