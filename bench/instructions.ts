import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Table } from 'apache-arrow';
import { loadPolicy } from '../src/config/index.js';
import { parseShard, pinShard } from '../src/intake/index.js';
import { seededRandom } from '../src/linear/index.js';
import type { ShardMarks } from '../src/mark/types.js';
import { scan } from '../src/pipeline.js';
import { fileStore, type ObjectStore } from '../src/store/index.js';
import { paraphrase } from './paraphrase.js';
import { auroc } from './ranking.js';

const folder = '../shared/data/poisoned-llm';
const setCount = 8;
/** Of rows, in every set, with responses as they are and paraphrased; no clean rows may be held. */
const floors = { auroc: 0.99, paraphrased: 0.95 };
/** What the makers of the sets say of them; read to check what was named, never to find it. */
const triggers = [
  ['badnet', 'BadMagic'],
  ['vpi', 'Discussing OpenAI'],
] as const;

const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: '.' },
    halves: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});

type Row = Record<string, string>;

interface Scanned {
  readonly isHeld: boolean;
  readonly named: readonly string[];
  readonly suspicion: readonly number[];
}

/** Scans rows as one file without a baseline; in this process, so that dozens of scans take a minute. */
async function scanRows(rows: readonly Row[]): Promise<Scanned> {
  const bytes = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const batch = 'batch.jsonl';
  const store: ObjectStore = {
    ...fileStore,
    nameOf: () => batch,
    list: async () => [{ path: batch, uri: batch, bytes: bytes.length }],
    find: async () => undefined,
    read: async () => bytes,
  };
  const suspicion: number[] = [];
  const sink = { begin: () => {}, write: async (marks: ShardMarks) => void suspicion.push(...marks.suspicion) };
  const policy = loadPolicy(undefined);
  const request = { batch: [batch], columns: { ids: [] }, policy, backend: 'wasm', processes: 1, rows: sink } as const;
  const { decision } = await scan(request, store);
  return {
    isHeld: !decision.released,
    named: decision.findings.filter(({ kind }) => kind === 'trigger').map(({ subject }) => subject),
    suspicion,
  };
}

async function readRows(set: string): Promise<{ rows: Row[]; poisoned: ReadonlySet<number> }> {
  const path = `${folder}/${set}.parquet`;
  const [shard] = await fileStore.list(path);
  if (shard === undefined) throw new Error(`${path} is not there`);
  const table: Table = await parseShard(await pinShard(fileStore, { ...shard, path: set }));
  const names = table.schema.fields.map(({ name }) => name);
  const rows = table.toArray().map((row) => Object.fromEntries(names.map((name) => [name, String(row[name])])));
  const truth = JSON.parse(await readFile(`${folder}/${set}.truth.json`, 'utf8')) as { rows: number[] };
  return { rows, poisoned: new Set(truth.rows) };
}

async function measure(set: string, rows: readonly Row[], poisoned: ReadonlySet<number>) {
  const { isHeld, named, suspicion } = await scanRows(rows);
  const trigger = triggers.find(([part]) => set.includes(part))?.[1];
  return {
    isHeld,
    isNamed: named.length === 1 && named[0] === trigger,
    auroc: auroc(suspicion, (row) => poisoned.has(row)),
  };
}

async function measureSet(set: string) {
  const { rows, poisoned } = await readRows(set);
  const varied = rows.map((row, at) =>
    poisoned.has(at) ? { ...row, output: paraphrase(row['output'] ?? '', `${set}/${at}`) } : row,
  );
  const clean = rows.filter((_, at) => !poisoned.has(at));
  const original = await measure(set, rows, poisoned);
  const paraphrased = await measure(set, varied, poisoned);
  let cleanHeld = (await scanRows(clean)).isHeld ? 1 : 0;
  for (let half = 0; half < Number(flags.halves); half++) {
    const random = seededRandom(`${set}/half ${half}`);
    if ((await scanRows(clean.filter(() => random() < 0.5))).isHeld) cleanHeld++;
  }
  return { set, original, paraphrased, cleanHeld };
}

type Measured = Awaited<ReturnType<typeof measureSet>>;

function print({ set, original, paraphrased, cleanHeld }: Measured): void {
  const inWords = ({ isHeld, isNamed, auroc: area }: Measured['original']) =>
    `${isHeld ? 'held' : 'MISSED'} ${isNamed ? 'named' : 'NOT NAMED'} ${area.toFixed(3)}`;
  const [first, second] = [inWords(original), inWords(paraphrased)];
  console.log(`${set.padEnd(26)} ${first.padEnd(22)} ${second.padEnd(22)} ${cleanHeld} of ${1 + Number(flags.halves)}`);
}

function holds({ original, paraphrased, cleanHeld }: Measured): boolean[] {
  return [
    original.isHeld && original.isNamed && original.auroc >= floors.auroc,
    paraphrased.isHeld && paraphrased.auroc >= floors.paraphrased,
    cleanHeld === 0,
  ];
}

if (existsSync(folder)) {
  const wanted = new RegExp(flags.sets);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.parquet')).sort();
  const sets = files.map((file) => file.slice(0, -'.parquet'.length)).filter((set) => wanted.test(set));
  console.log(`${'set'.padEnd(26)} ${'as it is'.padEnd(22)} ${'paraphrased'.padEnd(22)} clean rows held`);
  const measures: Measured[] = [];
  for (const set of sets) {
    const measured = await measureSet(set);
    print(measured);
    measures.push(measured);
  }
  const outcomes = [sets.length === setCount, ...measures.flatMap(holds)];
  if (flags.out !== undefined) await writeFile(flags.out, `${JSON.stringify({ floors, measures }, null, 2)}\n`);
  const passed = outcomes.filter(Boolean).length;
  console.log(`floors: AUROC ${floors.auroc} as it is, ${floors.paraphrased} paraphrased, no clean rows held`);
  console.log(`bench:instructions: ${passed} passed, ${outcomes.length - passed} failed`);
  process.exitCode = passed === outcomes.length ? 0 : 1;
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
