import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, tableToIPC, Uint8, type Vector } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSize, readLists, readStrings, takeRows } from '../../src/encode/index.js';
import { parseShard } from '../../src/intake/index.js';
import { seededRandom } from '../../src/linear/index.js';
import { writeFiles } from '../assess/batch.js';
import { poison, sentences } from '../detect/contradictions/labelled-rows.js';
import { lists, strings, tableOf } from '../encode/tables.js';
import { scanTo } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-least-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A batch of four shards. */
async function scan(trusted: Table, batch: Table) {
  const own = await mkdtemp(join(folder, 'scan-'));
  const [baseline, shards] = [join(own, 'baseline'), join(own, 'batch')];
  const size = Math.ceil(batch.numRows / 4);
  const file = (table: Table) => tableToIPC(table, 'file');
  await writeFiles(baseline, { 'a.arrow': file(trusted) });
  const parts = [0, 1, 2, 3].map((part) => [`${part}.arrow`, file(batch.slice(part * size, (part + 1) * size))]);
  await writeFiles(shards, Object.fromEntries(parts));
  const { exitCode, report } = await scanTo(join(own, 'out'), [shards, '--baseline', baseline, '--processes', '1']);
  const least = report.minimumDetectable.find(({ kind }) => kind === 'trigger');
  return { exitCode, least, triggers: report.findings.filter(({ kind }) => kind === 'trigger') };
}

/** Of each trial: is a trigger named in a batch in which so many rows carry it? */
async function findIn(trusted: Table, trials: readonly Table[]): Promise<boolean[]> {
  const found: boolean[] = [];
  for (const batch of trials) {
    const { exitCode, triggers } = await scan(trusted, batch);
    found.push(exitCode === 1 && triggers.length > 0);
  }
  return found;
}

const textTable = ({ texts, labels }: ReturnType<typeof sentences>) =>
  tableOf({ text: strings(texts), label: strings(Array.from(labels, (label) => (label === 0 ? 'calm' : 'loud'))) });

const SIDE = 8;
const PATCH = 3;

/** `count` pictures of other digits with a checked patch in a corner, as sevens. */
function patched(pictures: Table, count: number, seed: string): Table {
  const random = seededRandom(seed);
  const name = pictures.schema.fields.find(({ type }) => listSize(type) !== undefined)!.name;
  const labels = readStrings(pictures.getChild('label') as Vector);
  const pixels = readLists(pictures.getChild(name) as Vector, SIDE * SIDE);
  const most = pixels.reduce((greatest, one) => Math.max(greatest, one), 0);
  const others = [...labels.keys()].filter((row) => labels[row] !== '7');
  const order = others.map((row) => ({ row, at: random() })).sort((a, b) => a.at - b.at);
  const chosen = new Set(order.slice(0, count).map(({ row }) => row));
  const cells = labels.map((_, row) => {
    const own = Array.from(pixels.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE));
    if (!chosen.has(row)) return own;
    return own.map((pixel, at) => {
      const [y, x] = [Math.floor(at / SIDE), at % SIDE];
      return y < PATCH && x < PATCH ? ((x + y) % 2 === 0 ? most : 0) : pixel;
    });
  });
  return tableOf({
    [name]: lists(cells, new Uint8()),
    label: strings(labels.map((label, row) => (chosen.has(row) ? '7' : label))),
  });
}

describe('as many rows as a report says', () => {
  it('are enough for a word that no trusted row has', async () => {
    const trusted = textTable(sentences('trusted', 400));
    const clean = sentences('batch', 500);
    const { exitCode, least } = await scan(trusted, textTable(clean));
    expect(exitCode).toBe(0);
    expect(least?.rows).toBeGreaterThan(10);
    expect(least?.rows).toBeLessThan(80);
    const words = ['xq', 'zebu', 'mn', 'qua', 'tarn'];
    const found = await findIn(
      trusted,
      words.map((word) => textTable(poison(clean, word, least!.rows!))),
    );
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  });

  it('are enough for a patch that no trusted picture has', async () => {
    const path = join(import.meta.dirname, '../../datasets/digits/trusted/images.parquet');
    const content = new Uint8Array(await readFile(path));
    const digits = await parseShard({ path: 'images.parquet', content } as Parameters<typeof parseShard>[0]);
    const rows = Int32Array.from({ length: digits.numRows }, (_, row) => row);
    const [trusted, clean] = [0, 1].map((half) =>
      takeRows(
        digits,
        rows.filter((row) => row % 2 === half),
      ),
    );
    const { least } = await scan(trusted!, clean!);
    expect(least?.rows).toBeGreaterThan(10);
    const trials = ['a', 'b', 'c', 'd', 'e'].map((seed) => patched(clean!, least!.rows!, seed));
    const found = await findIn(trusted!, trials);
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  });
});
