import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Contract, ContractColumn, Report } from '../../src/schema/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const dataset = (path: string) => fileURLToPath(new URL(`../../datasets/${path}`, import.meta.url));

const at = temporaryFolder();

async function file(name: string, content: unknown): Promise<string> {
  const path = at(name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function inferred(...argv: string[]): Promise<Contract> {
  const { exitCode, stdout } = await taster('contract', 'infer', ...argv);
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Contract;
}

/** Changes one column of a contract. */
function edit(contract: Contract, name: string, change: Partial<ContractColumn>): Contract {
  return {
    ...contract,
    columns: contract.columns.map((column) => (column.name === name ? { ...column, ...change } : column)),
  };
}

async function report(batch: string, baseline: string, contract: string): Promise<Report> {
  const { stdout, stderr } = await taster('scan', batch, '--baseline', baseline, '--contract', contract, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

const schemaFindings = ({ findings }: Report) => findings.filter(({ kind }) => kind === 'schema');

describe('infer, then scan', () => {
  it.each([
    ['seattle-weather', ['--label', 'weather']],
    ['digits', []],
  ])(
    '%s: the same verdict as with the columns named, and no breach',
    async (name, options) => {
      const [batch, trusted] = [dataset(`${name}/incoming`), dataset(`${name}/trusted`)];
      const { stdout } = await taster('contract', 'infer', trusted, ...options);
      const withContract = await report(batch, trusted, await file('contract.json', stdout));
      const named = await taster('scan', batch, '--baseline', trusted, ...options, '--json');
      const without = JSON.parse(named.stdout) as Report;
      expect(schemaFindings(withContract)).toEqual([]);
      expect(withContract.shards).toEqual(without.shards);
      expect(without.contract).toBeNull();
      expect(withContract.contract).toEqual({
        sha256: (JSON.parse(stdout) as Contract).inferred,
        advisory: true,
        models: [],
      });
      expect(withContract.notes.join()).toContain('The contract is as inferred');
      expect(withContract.columns.map(({ guessed }) => guessed)).not.toContain(true);
    },
    240_000,
  );

  it('an edited contract holds the shards that break it, and their rows are judged all the same', async () => {
    const [batch, trusted] = [dataset('seattle-weather/incoming'), dataset('seattle-weather/trusted')];
    const contract = await inferred(trusted, '--label', 'weather');
    const edited = edit(contract, 'temp_max', { range: { min: -50, max: 34 } });
    const result = await report(batch, trusted, await file('edited.json', edited));
    const breaking = schemaFindings(result);
    expect(breaking.length).toBeGreaterThan(0);
    expect(breaking.length).toBeLessThan(8);
    for (const { subject, holds, evidence } of breaking) {
      expect(holds).toBe(true);
      expect(evidence.summary).toMatch(/column temp_max: \d+ of 90 rows are outside -50 to 34 \(row \d+: 3\d/);
      expect(evidence.numbers).toMatchObject({ column: 'temp_max', constraint: 'range' });
      expect(result.shards.find(({ uri }) => uri.endsWith(subject))).toMatchObject({
        verdict: 'quarantine',
        pValue: expect.any(Number) as number,
      });
    }
    expect(result.contract).toMatchObject({ advisory: false });
  }, 120_000);
});

describe('contract infer', () => {
  const csv = `kind,x\n${Array.from({ length: 60 }, (_, row) => `k${row % 2},${row}`).join('\n')}\n`;

  it('prints a contract to edit, and says on stderr what it is', async () => {
    const { stdout, stderr } = await taster('contract', 'infer', await file('t.csv', csv), '--label', 'kind');
    expect(stdout).toMatch(
      /^\{\n {2}"version": 1,\n {2}"inferred": "[0-9a-f]{64}",\n {2}"columns": \[\n {4}\{\n {6}"name": "kind",\n/,
    );
    expect(stdout).toContain('"categories": ["k0", "k1"]');
    expect(stdout).toMatch(/\}\n$/);
    expect(stderr).toMatch(/2 columns, inferred from 60 trusted rows/);
    expect(stderr).toMatch(/It advises.*once you edit anything/s);
    expect(stderr).not.toContain('No column was taken for the label');
    expect((await taster('contract', 'infer', await file('u.csv', csv))).stderr).toContain('name it with --label');
  });

  it('reads several files, and keeps names that drive a terminal harmless', async () => {
    const hostile = csv.replace('kind', '\u001b[2J\u202e').replace(',x', ',__proto__');
    const { stdout } = await taster('contract', 'infer', await file('a.csv', hostile), await file('b.csv', hostile));
    for (const unsafe of ['\u001b', '\u202e']) expect(stdout).not.toContain(unsafe);
    expect((JSON.parse(stdout) as Contract).columns.map(({ name }) => name)).toEqual(['\u001b[2J\u202e', '__proto__']);
  });

  it('asks for rows', async () => {
    expect(await taster('contract', 'infer', await file('empty.csv', 'a,b\n'))).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
    expect((await taster('contract', 'infer', await file('t.csv', csv), '--label', 'nope')).stderr).toContain(
      'has no column nope',
    );
  });
});

describe('contract check', () => {
  it('says in what files depart, and whether that would hold them', async () => {
    const rows = (x: number) =>
      `x,label\n${Array.from({ length: 40 }, (_, row) => `${row === 3 ? x : row},${row % 2}`).join('\n')}\n`;
    const contract = await inferred(await file('trusted.csv', rows(3)));
    const advising = await file('advising.json', contract);
    const holding = await file('holding.json', { ...contract, inferred: undefined });
    const [good, bad] = [await file('good.csv', rows(5)), await file('bad.csv', rows(9999))];
    const broken = await file('broken.parquet', 'PAR1 and no more');

    expect(await taster('contract', 'check', advising, good)).toMatchObject({
      exitCode: 0,
      stdout: 'good.csv\n  keeps the contract\n',
    });
    expect(await taster('contract', 'check', advising, good, bad)).toMatchObject({
      exitCode: 0,
      stdout:
        'bad.csv\n  advice  column x: 1 of 40 rows are outside 0 to 49 (row 3: 9999)\ngood.csv\n  keeps the contract\n',
    });
    expect(await taster('contract', 'check', holding, bad)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('  holds   column x: 1') as string,
    });
    expect(await taster('contract', 'check', advising, broken)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('Parquet footer') as string,
    });
  });
});

describe('a wrong command line or contract', () => {
  const contract = {
    version: 1,
    columns: [
      { name: 'x', type: 'Float64', role: 'feature' },
      { name: 'l', type: 'Utf8', role: 'label' },
    ],
  };
  const csv = 'x,l\n1,a\n2,b\n';

  it.each([
    ['{ "version": 1, ', /contract.json: is not JSON/],
    [
      { ...contract, columns: [{ name: 'x', type: 'Float64', role: 'lable' }, { type: 3 }] },
      /role is "lable".*columns\[1\] lacks name.*columns\[1\].type must be of type string/,
    ],
    [
      {
        ...contract,
        columns: [
          ...contract.columns,
          { name: 'gone', type: 'Utf8', role: 'feature' },
          { name: 'lost', type: 'Utf8', role: 'id' },
        ],
      },
      /columns\[2\] "gone" is not in the trusted rows.*columns\[3\] "lost"/,
    ],
    [
      {
        ...contract,
        columns: [
          { name: 'x', type: 'Utf8', role: 'text' },
          { name: 'l', type: 'Utf8', role: 'label' },
        ],
      },
      /columns\[0\].type of "x" is Utf8, the trusted rows have Float64/,
    ],
  ])('ends with 2 and everything that is wrong %#', async (content, message) => {
    const trusted = await file('trusted.csv', csv);
    const result = await taster(
      'scan',
      trusted,
      '--baseline',
      trusted,
      '--contract',
      await file('contract.json', content),
    );
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toContain('docs/contract.md');
  });

  it('is one whose options contradict the contract', async () => {
    const path = await file('contract.json', contract);
    const { exitCode, stderr } = await taster(
      'scan',
      'b',
      '--baseline',
      't',
      '--contract',
      path,
      '--label',
      'x',
      '--id',
      'nope',
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      '--label x: the contract gives this column feature; --id nope: the contract gives this column no role',
    );
  });

  it('is one without a subcommand, or with an unknown one, and the remedy names the right help', async () => {
    const alone = await taster('contract');
    expect(alone).toMatchObject({ exitCode: 2, stderr: '' });
    expect(alone.stdout).toContain('Usage: taster contract');
    expect((await taster('contract', 'infr')).stderr).toMatch(/Did you mean infer\?.*\n.*`taster contract --help`/);
    expect((await taster('contract', 'infer')).stderr).toMatch(
      /missing required argument.*\n.*`taster contract infer --help`/,
    );
  });

  it('has help with an example', async () => {
    for (const command of ['infer', 'check']) {
      const { stdout } = await taster('contract', command, '--help');
      expect(stdout).toContain(`Example:\n  taster contract ${command}`);
    }
  });
});
