import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableFromIPC } from 'apache-arrow';
import type { Batch } from './peers/batches.js';
import { PARTS, type Part } from './peers/parts.js';
import { peersPython, peerVersions } from './peers/python.js';
import { type Measure, printLosses, printMeans, printMeasure, printTableHead } from './peers/tables.js';
import { costOf, type ProcessCost } from './process-tree.js';
import { auroc, averagePrecision } from './ranking.js';

const share = 0.05;
/** One core for every tool: what is compared is work, and default threading slows most of them down. */
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', LOKY_MAX_CPU_COUNT: '1' };
const taster = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

const { values: flags } = parseArgs({
  options: {
    /** Any of flips (labels flipped at random), noise (labels that people got wrong), backdoors, outliers. */
    parts: { type: 'string', default: Object.keys(PARTS).join(',') },
    /** Sets whose names match. */
    sets: { type: 'string', default: '.' },
    /** Of rows drawn from a corpus whose labels are flipped. */
    rows: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});

interface Scored {
  readonly scores: ArrayLike<number>;
  readonly flagged: ArrayLike<unknown>;
}

async function run(method: string, python: string, batch: string, folder: string): Promise<[Scored, ProcessCost]> {
  const out = join(folder, method);
  if (method !== 'taster') {
    const cost = await costOf([python, 'bench/peers/score.py', method, batch, out], oneThread);
    if (cost.exitCode !== 0) throw new Error(`${method} ended with ${cost.exitCode}`);
    return [JSON.parse(await readFile(out, 'utf8')) as Scored, cost];
  }
  const command = [process.execPath, taster, 'scan', batch, '--out', out, '--quiet', '--processes', '1'];
  const cost = await costOf(command, oneThread);
  // It ends with 1 when it holds the batch.
  if (cost.exitCode !== 0 && cost.exitCode !== 1) throw new Error(`taster ended with ${cost.exitCode}`);
  const rows = tableFromIPC(await readFile(join(out, 'rows.arrow')));
  const column = (name: string) => Array.from({ length: rows.numRows }, (_, row) => rows.getChild(name)?.get(row));
  const scores = column('suspicion').map((score) => Number(score ?? Number.NaN));
  return [{ scores, flagged: column('suspect') }, cost];
}

async function measureSet(name: string, part: Part, set: string, python: string): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taster-peers-'));
  try {
    const drawing = { mostRows: Number(flags.rows), share, seed: flags.seed };
    const batch = await part.batch(set, join(folder, 'batch'), drawing);
    const measures: Measure[] = [];
    for (const method of part.methods(set)) {
      const [scored, cost] = await run(method, python, batch.path, folder);
      const measure = { part: name, set, method, ...judge(scored, batch), cost };
      printMeasure(measure);
      measures.push(measure);
    }
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function judge({ scores, flagged }: Scored, { isBad }: Batch) {
  if (scores.length !== isBad.length) throw new Error(`${scores.length} scores of ${isBad.length} rows`);
  const bad = (row: number) => isBad[row] === 1;
  const flaggedAmong = (wanted: boolean) => {
    const rows = [...isBad.keys()].filter((row) => bad(row) === wanted);
    return rows.filter((row) => Boolean(flagged[row])).length / rows.length;
  };
  return {
    rows: isBad.length,
    auroc: auroc(scores, bad),
    averagePrecision: averagePrecision(scores, bad),
    cleanFlagged: flaggedAmong(false),
    badFlagged: flaggedAmong(true),
  };
}

if (existsSync('../shared/data/clean')) {
  const python = await peersPython();
  const wanted = new RegExp(flags.sets);
  console.log(`${peerVersions().join(', ')}; one thread each`);
  const measures: Measure[] = [];
  for (const name of flags.parts.split(',')) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`There is no part ${name}: ${Object.keys(PARTS).join(', ')}`);
    printTableHead(name);
    const ofPart: Measure[] = [];
    for (const set of part.sets.filter((one) => wanted.test(one)))
      ofPart.push(...(await measureSet(name, part, set, python)));
    printMeans(ofPart);
    measures.push(...ofPart);
  }
  printLosses(measures);
  if (flags.out !== undefined)
    await writeFile(flags.out, `${JSON.stringify({ versions: peerVersions(), measures }, null, 2)}\n`);
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
