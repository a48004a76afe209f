import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { arrowCells } from './arrow-cells.js';
import { assertEqual, type Check } from './check.js';
import { type IntegrationFile, jsonCells } from './json-cells.js';
import { readTable } from './read-file.js';

/** Each golden file as Arrow file and as stream, against the JSON beside it. */
export async function goldenChecks(folder: string): Promise<Check[]> {
  const checks: Check[] = [];
  for (const version of await readdir(folder)) {
    const names = (await readdir(join(folder, version))).filter((name) => name.endsWith('.json.gz'));
    for (const name of names) {
      const base = join(folder, version, name.slice(0, -'.json.gz'.length));
      for (const ending of ['.arrow_file', '.stream']) {
        checks.push({ name: `${base}${ending}`, run: () => checkGolden(`${base}${ending}`, `${base}.json.gz`) });
      }
    }
  }
  return checks;
}

async function checkGolden(path: string, jsonPath: string): Promise<void> {
  const json = JSON.parse(gunzipSync(await readFile(jsonPath)).toString('utf8')) as IntegrationFile;
  const names = json.schema.fields.map(({ name }) => name);
  if (new Set(names).size < names.length) return await checkRefused(path, /two columns are named/);
  const table = await readTable(path);
  assertEqual(
    table.schema.fields.map(({ name }) => name),
    names,
    'the list of columns',
  );
  for (const [index, expected] of jsonCells(json).entries()) {
    const cells = table.batches.flatMap(({ data }) => {
      const column = data.children[index];
      return column ? arrowCells(column) : [];
    });
    assertEqual(cells.length, expected.length, `the number of rows of ${names[index]}`);
    for (const [row, cell] of cells.entries()) assertEqual(cell, expected[row], `${names[index]} in row ${row}`);
  }
}

/** @throws Error when the file is read, or refused with other words */
export async function checkRefused(path: string, words: RegExp): Promise<void> {
  const message = await readTable(path).then(
    ({ numRows }) => `read as ${numRows} rows`,
    (error: unknown) => String(error),
  );
  if (!words.test(message)) throw new Error(`it should be refused (${words}), but is: ${message}`);
}
