import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodeArtefact } from '../src/baseline/artefact/artefact.js';
import { fitBaseline } from '../src/baseline/index.js';
import { assignRoles, takeRows } from '../src/encode/index.js';
import { seededRandom, startBackend } from '../src/linear/index.js';
import { shuffle } from './false-alarm-split.js';
import { arrowBytes } from './memory-store.js';
import { costOf } from './process-tree.js';
import { readTable } from './read-table.js';

const clean = '../shared/data/clean';
const taster = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'adult,letter,nslkdd,mnist,agnews,banking77' },
    rows: { type: 'string', default: '20000' },
  },
});
/** What all detectors may cost beside label-flip, outlier and duplicate-flood. */
const MOST_TIMES = 2;
const TRUSTED_ROWS = 3000;
const SHARDS = 12;
const NONE_NAMED = { ids: [] };

/** CPU seconds of a scan by each baseline. */
async function measure(corpus: string): Promise<{ rows: number; three: number; all: number }> {
  const table = await readTable(`${clean}/${corpus}.parquet`);
  const order = shuffle(table.numRows, seededRandom(corpus));
  const trusted = takeRows(table, Int32Array.from(order.slice(0, TRUSTED_ROWS)));
  const batch = takeRows(table, Int32Array.from(order.slice(TRUSTED_ROWS, TRUSTED_ROWS + Number(flags.rows))));
  const source = { table: trusted, fileOf: new Int32Array(trusted.numRows), sha256: '0'.repeat(64), path: corpus };
  const baseline = fitBaseline(source, assignRoles(trusted, NONE_NAMED, corpus));
  const folder = await mkdtemp(join(tmpdir(), 'taster-cost-'));
  try {
    await mkdir(join(folder, 'batch'));
    for (let shard = 0; shard < SHARDS; shard++) {
      const at = (s: number) => Math.floor((s * batch.numRows) / SHARDS);
      await writeFile(join(folder, 'batch', `${shard}.arrow`), arrowBytes(batch.slice(at(shard), at(shard + 1))));
    }
    const costWith = async (name: string, own: typeof baseline) => {
      const { bytes } = encodeArtefact(own, NONE_NAMED, { taster: 'bench', backend: 'wasm' });
      await writeFile(join(folder, name), bytes);
      const out = ['--out', join(folder, `${name}-report`), '--quiet', '--backend', 'wasm', '--processes', '1'];
      const command = [process.execPath, taster, 'scan', join(folder, 'batch'), '--baseline', join(folder, name)];
      const { exitCode, cpuSeconds } = await costOf([...command, ...out]);
      if (exitCode !== 0 && exitCode !== 1) throw new Error(`taster scan ended with ${exitCode}`);
      return cpuSeconds;
    };
    // Without counts of what trusted rows carry, no triggers are looked for, nor drift in columns.
    const three = await costWith('three.taster', { ...baseline, items: null, spectral: null });
    return { rows: batch.numRows, three, all: await costWith('all.taster', baseline) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (existsSync(clean)) {
  await startBackend('wasm');
  let isKept = true;
  console.log('| corpus | rows | label-flip, outlier, duplicate-flood: CPU s | all detectors: CPU s | times |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const corpus of flags.corpora.split(',')) {
    const { rows, three, all } = await measure(corpus);
    isKept &&= all <= MOST_TIMES * three;
    console.log(`| ${corpus} | ${rows} | ${three.toFixed(1)} | ${all.toFixed(1)} | ${(all / three).toFixed(2)} |`);
  }
  console.log(`${isKept ? 'ok' : 'FAILED'}  all detectors cost at most ${MOST_TIMES} times as much`);
  process.exitCode = isKept ? 0 : 1;
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] === undefined ? 0 : 1;
}
