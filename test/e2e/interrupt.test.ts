import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { textCsv, writeFiles } from '../assess/batch.js';
import { layModel, threeNumbersCsv } from '../model/contract.js';
import { temporaryFolder } from '../temporary-folder.js';
import { outcomeOf, start } from './command.js';
import { processes } from './processes.js';

const at = temporaryFolder();

beforeAll(async () => {
  for (const folder of ['tmp', 'out']) mkdirSync(at(folder));
  const shard = textCsv('long', 40_000);
  await writeFiles(at('long'), { 'a.csv': shard, 'b.csv': shard, 'c.csv': shard });
  await writeFiles(at('trusted'), { 'rows.csv': textCsv('trusted', 400) });
  await writeFiles(at('numbers'), { 'many.csv': threeNumbersCsv('many', 40_000) });
  await writeFiles(at('few'), { 'few.csv': threeNumbersCsv('few', 200) });
  const { contract } = await layModel(at());
  writeFileSync(at('contract.json'), JSON.stringify(contract));
  const classes = Object.fromEntries(
    Array.from({ length: 12 }, (_, shard) => [`${shard}.csv`, manyClasses(shard, 180)]),
  );
  await writeFiles(at('classes'), classes);
  await writeFiles(at('classes-trusted'), { 'rows.csv': manyClasses(99, 40 * CLASSES) });
});

const CODES = { SIGINT: 130, SIGTERM: 143 };
const CLASSES = 60;

function manyClasses(seed: number, rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const noise = ((row * 7919 + seed * 104_729) % 1009) / 1009;
    return `${(row % CLASSES) + noise},${noise},worker ${row % 20},class ${row % CLASSES}`;
  });
  return ['x,z,annotator,label', ...lines].join('\n');
}

/** A scan with the children that were seen, also those that have ended. */
class Running {
  readonly seen = new Set<number>();
  readonly #scan: ChildProcess;
  readonly outcome: ReturnType<typeof outcomeOf>;

  constructor(argv: readonly string[]) {
    this.#scan = start(['scan', ...argv], { env: { TMPDIR: at('tmp') }, detached: true });
    this.outcome = outcomeOf(this.#scan);
  }

  children(): number[] {
    const ids = processes().flatMap(({ id, parent }) => (parent === this.#scan.pid ? [id] : []));
    for (const id of ids) this.seen.add(id);
    return ids;
  }

  alive(): number[] {
    return processes().flatMap(({ id }) => (id === this.#scan.pid || this.seen.has(id) ? [id] : []));
  }

  /** Waits for the moment; fails when the scan ends before. */
  async until(isReached: (scan: Running) => boolean): Promise<void> {
    await vi.waitUntil(() => isReached(this) || this.#scan.exitCode !== null, {
      timeout: 100_000,
      interval: 20,
    });
    if (this.#scan.exitCode !== null) throw new Error(`it has ended before: ${JSON.stringify(await this.outcome)}`);
  }

  stop(signal: NodeJS.Signals): typeof this.outcome {
    this.#scan.kill(signal);
    return this.outcome;
  }
}

const isScratched = () => readdirSync(at('tmp')).length === 1;
const hasScored = (scan: Running) => scan.children().length === 0 && scan.seen.size > 0;

const MOMENTS: readonly [
  when: string,
  signal: keyof typeof CODES,
  argv: () => string[],
  isReached: (scan: Running) => boolean,
][] = [
  [
    'sampling',
    'SIGINT',
    () => [at('long'), '--processes', '2'],
    (scan) => scan.children().length === 2 && isScratched(),
  ],
  [
    'learning from trusted rows',
    'SIGTERM',
    () => [at('few'), '--baseline', at('numbers')],
    () => existsSync(at('out', 'learning from trusted rows')),
  ],
  [
    'a model looks at trusted rows',
    'SIGINT',
    () => [at('few'), '--baseline', at('numbers'), '--contract', at('contract.json')],
    (scan) => scan.children().length === 1,
  ],
  [
    'scoring',
    'SIGTERM',
    () => [at('long'), '--baseline', at('trusted'), '--processes', '2'],
    (scan) => scan.children().length === 2 && isScratched(),
  ],
  ['deciding', 'SIGINT', () => [at('classes'), '--baseline', at('classes-trusted'), '--processes', '1'], hasScored],
];

describe.skipIf(process.platform === 'win32')('a scan that is stopped', () => {
  it.each(MOMENTS)('while %s (%s) leaves no process and no file', async (when, signal, argv, isReached) => {
    const scan = new Running([...argv(), '--out', at('out', when)]);
    await scan.until(isReached);
    expect(await scan.stop(signal)).toEqual({ exitCode: CODES[signal], stderr: '' });
    await vi.waitUntil(() => scan.alive().length === 0, { timeout: 20_000 });
    expect(readdirSync(at('tmp'))).toEqual([]);
    expect(readdirSync(at('out', when))).toEqual([]);
  });
});
