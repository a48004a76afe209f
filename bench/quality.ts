import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBackend } from '../src/linear/index.js';
import { defaultShardLimits } from '../src/schema/index.js';
import { ATTACKS, type AttackName } from './quality/attacks.js';
import { leastCount } from './quality/least-count.js';
import { COUNTS, prepareSplit, type Split } from './quality/search.js';
import { readTable } from './read-table.js';

const clean = '../shared/data/clean';
/** Share of seeds in which a count has to be detected. */
const power = 0.95;
const CLEAN = 'clean';
const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'adult,credit,letter,nslkdd,mnist,agnews,clinc150' },
    seeds: { type: 'string', default: '20' },
    attacks: { type: 'string', default: Object.keys(ATTACKS).join(',') },
    rate: { type: 'string', default: '0.01' },
    tolerance: { type: 'string', default: '0.005' },
    out: { type: 'string' },
    // Given to child processes: which share of what is sought is theirs.
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

/** What is looked for in a corpus: the least count of an attack, or, by the name `clean`, how many clean batches are held. */
type Sought = AttackName | typeof CLEAN;

interface Found {
  readonly corpus: string;
  readonly sought: Sought;
  /** In a batch. */
  readonly rows: number;
  readonly count: number | null;
}

const sought: readonly Sought[] = [CLEAN, ...attacks];

async function runPart(part: number, parts: number): Promise<void> {
  await startBackend('wasm');
  for (const corpus of corpora) {
    const table = await readTable(`${clean}/${corpus}.parquet`);
    const splits = new Map<number, Promise<Split>>();
    const splitOf = (seed: number) => {
      const prepared = splits.get(seed) ?? prepareSplit(table, `${corpus}/${seed}`, policy);
      splits.set(seed, prepared);
      return prepared;
    };
    for (const [at, name] of sought.entries()) {
      if (at % parts !== part || (name !== CLEAN && !(await splitOf(0)).canBe(name))) continue;
      const count = await (name === CLEAN ? countHeld(splitOf) : fewest(name, splitOf));
      console.log(JSON.stringify({ corpus, sought: name, rows: (await splitOf(0)).rows, count } satisfies Found));
    }
  }
}

async function countHeld(splitOf: (seed: number) => Promise<Split>): Promise<number> {
  let held = 0;
  for (let seed = 0; seed < seeds; seed++) if (await (await splitOf(seed)).isHeld()) held++;
  return held;
}

function fewest(name: AttackName, splitOf: (seed: number) => Promise<Split>): Promise<number | null> {
  const isDetected = async (seed: number, count: number) => (await splitOf(seed)).isDetected(name, count);
  return leastCount({ seeds, power, counts: COUNTS, isDetected });
}

async function collect(): Promise<Found[]> {
  const parts = availableParallelism();
  const results: Found[] = [];
  await Promise.all(
    Array.from({ length: parts }, async (_, part) => {
      const own = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--part', `${part}/${parts}`];
      const child = spawn(process.execPath, own, { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      for await (const line of createInterface({ input: child.stdout })) {
        const found = JSON.parse(line) as Found;
        results.push(found);
        console.error(`${found.corpus} ${found.sought}: ${found.count ?? 'not found'}`);
      }
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`a part of the search ended with ${code ?? 'a signal'}`);
    }),
  );
  return results;
}

function print(results: readonly Found[]): void {
  console.log(`Fewest poisoned rows that are detected in ${100 * power} % of ${seeds} seeds:\n`);
  const line = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
  line(['corpus', 'rows', 'clean held', ...attacks]);
  line(Array.from({ length: 3 + attacks.length }, () => '---'));
  for (const corpus of corpora) {
    const own = new Map(results.filter((found) => found.corpus === corpus).map((found) => [found.sought, found]));
    const cells = attacks.map((name) => (own.has(name) ? `${own.get(name)?.count ?? 'not found'}` : ''));
    line([corpus, `${own.get(CLEAN)?.rows}`, `${own.get(CLEAN)?.count} of ${seeds}`, ...cells]);
  }
}

if (flags.part !== undefined) {
  const [part = 0, parts = 1] = flags.part.split('/').map(Number);
  await runPart(part, parts);
} else if (existsSync(clean)) {
  const results = await collect();
  print(results);
  if (flags.out !== undefined) await writeFile(flags.out, `${JSON.stringify({ policy, power, results }, null, 2)}\n`);
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
