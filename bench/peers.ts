import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableFromIPC } from 'apache-arrow';
import { writePoisoned } from './peers/batches.js';
import { peersPython, peerVersions } from './peers/python.js';
import { costOf, type ProcessCost } from './process-tree.js';
import { auroc, averagePrecision } from './ranking.js';

const clean = '../shared/data/clean';
const share = 0.05;
const methods = {
  flips: ['taster', 'cleanlab-logistic', 'cleanlab-boosting'],
  outliers: ['taster', 'pyod-iforest', 'pyod-ecod', 'pyod-knn'],
} as const;
type Attack = keyof typeof methods;
/** One core for every tool: what is compared is work, and default threading slows most of them down. */
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', LOKY_MAX_CPU_COUNT: '1' };
const taster = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'adult,credit,letter,nslkdd,spambase,sms,sst2,mnist' },
    attacks: { type: 'string', default: Object.keys(methods).join(',') },
    seed: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});

interface Scored {
  readonly scores: ArrayLike<number>;
  readonly flagged: ArrayLike<unknown>;
}

interface Measure {
  readonly attack: Attack;
  readonly corpus: string;
  readonly method: string;
  readonly auroc: number;
  readonly averagePrecision: number;
  /** Share of clean and of poisoned rows that are flagged with default settings. */
  readonly cleanFlagged: number;
  readonly poisonedFlagged: number;
  readonly cost: ProcessCost;
}

async function run(method: string, python: string, batch: string, folder: string): Promise<[Scored, ProcessCost]> {
  const out = join(folder, method);
  const command =
    method === 'taster'
      ? [process.execPath, taster, 'scan', batch, '--out', out, '--quiet', '--processes', '1']
      : [python, 'bench/peers/score.py', method, batch, out];
  const cost = await costOf(command, oneThread);
  // Taster ends with 1 when it holds the batch.
  if (cost.exitCode !== 0 && !(method === 'taster' && cost.exitCode === 1))
    throw new Error(`${method} ended with ${cost.exitCode}`);
  if (method !== 'taster') return [JSON.parse(await readFile(out, 'utf8')) as Scored, cost];
  const rows = tableFromIPC(await readFile(join(out, 'rows.arrow')));
  const column = (name: string) => Array.from({ length: rows.numRows }, (_, row) => rows.getChild(name)?.get(row));
  return [
    { scores: column('suspicion').map((score) => Number(score ?? Number.NaN)), flagged: column('suspect') },
    cost,
  ];
}

async function measure(corpus: string, attack: Attack, python: string): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taster-peers-'));
  try {
    const batch = join(folder, 'batch');
    const poisoning = { corpus, attack, share, seed: Number(flags.seed) };
    const isPoisoned = await writePoisoned(`${clean}/${corpus}.parquet`, batch, poisoning);
    const measures: Measure[] = [];
    for (const method of methods[attack]) {
      const [scored, cost] = await run(method, python, batch, folder);
      const one = { attack, corpus, method, ...judge(scored, isPoisoned), cost };
      print(one);
      measures.push(one);
    }
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function judge({ scores, flagged }: Scored, isPoisoned: Uint8Array) {
  if (scores.length !== isPoisoned.length) throw new Error(`${scores.length} scores of ${isPoisoned.length} rows`);
  const isBad = (row: number) => isPoisoned[row] === 1;
  const flaggedAmong = (bad: boolean) => {
    const rows = [...isPoisoned.keys()].filter((row) => isBad(row) === bad);
    return rows.filter((row) => Boolean(flagged[row])).length / rows.length;
  };
  return {
    auroc: auroc(scores, isBad),
    averagePrecision: averagePrecision(scores, isBad),
    cleanFlagged: flaggedAmong(false),
    poisonedFlagged: flaggedAmong(true),
  };
}

function print({ attack, corpus, method, cost, ...shares }: Measure): void {
  const megabytes = cost.peakBytes === null ? '' : `${Math.round(cost.peakBytes / 1e6)}`;
  const quality = [shares.auroc, shares.averagePrecision, shares.cleanFlagged, shares.poisonedFlagged];
  const cells = [
    attack,
    corpus,
    method,
    ...quality.map((value) => value.toFixed(3)),
    cost.cpuSeconds.toFixed(1),
    cost.wallSeconds.toFixed(1),
    megabytes,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Where another tool ranks the poisoned rows better. */
function printLosses(measures: readonly Measure[]): void {
  const losses = measures
    .filter(({ method }) => method === 'taster')
    .flatMap((own) =>
      measures
        .filter(({ attack, corpus, method }) => attack === own.attack && corpus === own.corpus && method !== 'taster')
        .filter((peer) => peer.averagePrecision > own.averagePrecision || peer.auroc > own.auroc)
        .map(
          (peer) =>
            `${peer.attack}, ${peer.corpus}: ${peer.method} ${peer.auroc.toFixed(3)} / ${peer.averagePrecision.toFixed(3)}, ` +
            `taster ${own.auroc.toFixed(3)} / ${own.averagePrecision.toFixed(3)}`,
        ),
    );
  console.log(`\nBehind another tool in AUROC or AP: ${losses.length === 0 ? 'nowhere' : ''}`);
  for (const loss of losses) console.log(`- ${loss}`);
}

if (existsSync(clean)) {
  const python = await peersPython();
  console.log(`${peerVersions().join(', ')}; one thread each\n`);
  const head = 'attack,corpus,method,AUROC,AP,clean flagged,poisoned flagged,CPU s,wall s,peak MB'.split(',');
  console.log(`| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`);
  const measures: Measure[] = [];
  const attacks = (Object.keys(methods) as Attack[]).filter((attack) => flags.attacks.split(',').includes(attack));
  for (const attack of attacks)
    for (const corpus of flags.corpora.split(',')) measures.push(...(await measure(corpus, attack, python)));
  printLosses(measures);
  if (flags.out !== undefined)
    await writeFile(flags.out, `${JSON.stringify({ versions: peerVersions(), measures }, null, 2)}\n`);
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
