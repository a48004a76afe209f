import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBackend } from '../src/linear/index.js';
import { defaultShardLimits } from '../src/schema/index.js';
import { ATTACKS, type AttackName } from './quality/attacks.js';
import { type Found, searchFewest } from './quality/search.js';
import { readTable } from './read-table.js';

const clean = '../shared/data/clean';
/** Share of seeds in which a count has to be detected. */
const power = 0.95;
const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'adult,credit,letter,nslkdd,mnist,agnews,clinc150' },
    seeds: { type: 'string', default: '20' },
    attacks: { type: 'string', default: Object.keys(ATTACKS).join(',') },
    rate: { type: 'string', default: '0.01' },
    tolerance: { type: 'string', default: '0.005' },
    out: { type: 'string' },
    // Given to child processes: which share of the searches is theirs.
    part: { type: 'string' },
  },
});
const policy = {
  mode: 'enforce',
  falseQuarantineRate: Number(flags.rate),
  tolerance: Number(flags.tolerance),
  limits: defaultShardLimits,
} as const;
const corpora = flags.corpora.split(',');
const seeds = Number(flags.seeds);
const wanted = flags.attacks.split(',');
const attacks = (Object.keys(ATTACKS) as AttackName[]).filter((name) => wanted.includes(name));

async function runPart(part: number, parts: number): Promise<void> {
  await startBackend('wasm');
  for (const [at, corpus] of corpora.entries()) {
    const table = await readTable(`${clean}/${corpus}.parquet`);
    for (let seed = 0; seed < seeds; seed++) {
      if ((at * seeds + seed) % parts !== part) continue;
      console.log(JSON.stringify(await searchFewest(table, { corpus, seed, attacks, policy })));
    }
  }
}

async function collect(): Promise<Found[]> {
  const parts = availableParallelism();
  const total = corpora.length * seeds;
  const results: Found[] = [];
  await Promise.all(
    Array.from({ length: parts }, async (_, part) => {
      const own = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--part', `${part}/${parts}`];
      const child = spawn(process.execPath, own, { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of createInterface({ input: child.stdout })) {
        results.push(JSON.parse(line) as Found);
        console.error(`${results.length} of ${total} splits`);
      }
    }),
  );
  if (results.length !== total) throw new Error(`${total - results.length} splits did not finish`);
  return results.sort((a, b) => corpora.indexOf(a.corpus) - corpora.indexOf(b.corpus) || a.seed - b.seed);
}

interface Row {
  readonly corpus: string;
  readonly rows: number;
  readonly cleanHeld: number;
  readonly fewest: Record<string, { readonly median: number | null; readonly most: number | null } | undefined>;
}

function summarise(corpus: string, results: readonly Found[]): Row {
  const own = results.filter((result) => result.corpus === corpus);
  const fewest = attacks.map((name) => {
    const counts = own.flatMap((result) => result.fewest[name] ?? (name in result.fewest ? [Infinity] : []));
    return [
      name,
      counts.length === 0 ? undefined : { median: share(counts, 0.5), most: share(counts, power) },
    ] as const;
  });
  const cleanHeld = own.filter(({ isCleanHeld }) => isCleanHeld).length;
  return { corpus, rows: own[0]?.rows ?? 0, cleanHeld, fewest: Object.fromEntries(fewest) };
}

/** The least count that is enough in this share of the seeds; null when none is. */
function share(counts: readonly number[], part: number): number | null {
  const least = [...counts].sort((a, b) => a - b)[Math.ceil(part * counts.length) - 1] ?? Infinity;
  return Number.isFinite(least) ? least : null;
}

function print(rows: readonly Row[]): void {
  console.log(`Fewest poisoned rows that are detected in ${100 * power} % of ${seeds} seeds (in half of them):\n`);
  const line = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
  line(['corpus', 'rows', 'clean held', ...attacks]);
  line(Array.from({ length: 3 + attacks.length }, () => '---'));
  const show = (count: number | null) => (count === null ? 'not found' : `${count}`);
  for (const { corpus, rows: batch, cleanHeld, fewest } of rows) {
    const cells = attacks.map((name) => {
      const counts = fewest[name];
      return counts === undefined ? '' : `${show(counts.most)} (${show(counts.median)})`;
    });
    line([corpus, `${batch}`, `${cleanHeld} of ${seeds}`, ...cells]);
  }
}

if (flags.part !== undefined) {
  const [part = 0, parts = 1] = flags.part.split('/').map(Number);
  await runPart(part, parts);
} else if (existsSync(clean)) {
  const results = await collect();
  const rows = corpora.map((corpus) => summarise(corpus, results));
  print(rows);
  if (flags.out !== undefined)
    await writeFile(flags.out, `${JSON.stringify({ policy, power, rows, results }, null, 2)}\n`);
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
