import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBackend } from '../src/linear/index.js';
import { defaultShardLimits } from '../src/schema/index.js';
import { binomialBound } from './binomial-bound.js';
import { type Split, type SplitResult, testSplit } from './false-alarm-split.js';
import { readTable } from './read-table.js';

const clean = '../shared/data/clean';
const corpora = [
  'adult',
  'compas',
  'credit',
  'letter',
  'mnist',
  'nslkdd',
  'phoneme',
  'sms',
  'spambase',
  'sst2',
  'telco',
  'wine',
];

const { values: flags } = parseArgs({
  options: {
    splits: { type: 'string', default: '500' },
    rate: { type: 'string', default: '0.01' },
    tolerance: { type: 'string', default: '0.005' },
    corpora: { type: 'string', default: corpora.join(',') },
    // Given to child processes: which share of the splits is theirs.
    part: { type: 'string' },
  },
});

const policy = {
  mode: 'enforce',
  falseQuarantineRate: Number(flags.rate),
  tolerance: Number(flags.tolerance),
  limits: defaultShardLimits,
} as const;

function plan(): Split[] {
  const names = flags.corpora.split(',');
  return [false, true].flatMap((copied) =>
    Array.from({ length: Number(flags.splits) }, (_, seed) => ({
      corpus: names[seed % names.length] as string,
      seed,
      copied,
    })),
  );
}

async function runPart(part: number, parts: number): Promise<void> {
  await startBackend('wasm');
  const mine = plan().filter((_, index) => index % parts === part);
  for (const corpus of new Set(mine.map((split) => split.corpus))) {
    const table = await readTable(`${clean}/${corpus}.parquet`);
    for (const split of mine) {
      if (split.corpus === corpus) console.log(JSON.stringify(await testSplit(table, split, policy)));
    }
  }
}

async function collect(): Promise<SplitResult[]> {
  const parts = availableParallelism();
  const results: SplitResult[] = [];
  const total = plan().length;
  await Promise.all(
    Array.from({ length: parts }, async (_, part) => {
      const own = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--part', `${part}/${parts}`];
      const child = spawn(process.execPath, own, { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of createInterface({ input: child.stdout })) {
        results.push(JSON.parse(line) as SplitResult);
        if (results.length % 50 === 0) console.error(`${results.length} of ${total} splits`);
      }
    }),
  );
  if (results.length !== total) throw new Error(`${total - results.length} splits did not finish`);
  return results;
}

/** Prints one condition and says whether every bound is kept. */
function report(title: string, results: readonly SplitResult[]): boolean {
  const held = results.filter((result) => result.held);
  const allowed = binomialBound(results.length, policy.falseQuarantineRate, 0.05);
  const most = Math.min(allowed, Math.floor(0.02 * results.length));
  console.log(`\n${title}: ${held.length} of ${results.length} clean batches held (at most ${most})`);
  for (const { corpus, seed, pValues } of held) {
    const least = Object.entries(pValues).sort(([, a], [, b]) => a - b)[0];
    console.log(`  held: ${corpus}, split ${seed}: ${least?.[0]} p = ${least?.[1].toPrecision(2)}`);
  }
  let isKept = held.length <= most;
  const names = [...new Set(results.flatMap(({ pValues }) => Object.keys(pValues)))].sort();
  console.log(`  ${'rejections at'.padEnd(36)}   .1  .05  .01`);
  for (const name of names) {
    const pValues = results.map((result) => result.pValues[name]).filter((p) => p !== undefined);
    const counts = [0.1, 0.05, 0.01].map((level) => pValues.filter((p) => p <= level).length);
    const bounds = [0.1, 0.05, 0.01].map((level) => binomialBound(pValues.length, level, 0.001));
    const isWithin = counts.every((count, index) => count <= (bounds[index] as number));
    isKept &&= isWithin;
    console.log(
      `  ${name.padEnd(36)} ${counts.map((count) => String(count).padStart(4)).join(' ')}  of ${pValues.length}; bounds ${bounds.join(', ')}${isWithin ? '' : '  BROKEN'}`,
    );
  }
  return isKept;
}

if (flags.part !== undefined) {
  const [part = 0, parts = 1] = flags.part.split('/').map(Number);
  await runPart(part, parts);
} else if (existsSync(clean)) {
  const started = Date.now();
  const results = await collect();
  const isKept = [
    report(
      'Clean re-splits',
      results.filter(({ copied }) => !copied),
    ),
    report(
      'Half of the distinct trusted rows twice',
      results.filter(({ copied }) => copied),
    ),
  ].every(Boolean);
  console.log(
    `\n${isKept ? 'All bounds kept' : 'BOUNDS BROKEN'}, ${Math.round((Date.now() - started) / 60_000)} minutes.`,
  );
  process.exitCode = isKept ? 0 : 1;
} else {
  console.log('not run: ../shared absent');
}
