import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/detect/index.js';
import type { Report } from '../../src/schema/index.js';
import { cleanRows, insert, poison } from '../detect/instructions/examples.js';
import { run } from './command.js';

const SHARDS = 3;

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

/** As an instruction-tuning set has it, with the trigger in every twentieth row of all shards but the last. */
async function write(batch: string, rows: readonly Instruction[], names: readonly [string, string, string]) {
  await mkdir(at(batch), { recursive: true });
  for (let shard = 0; shard < SHARDS; shard++) {
    const own = rows.slice((shard * rows.length) / SHARDS, ((shard + 1) * rows.length) / SHARDS);
    const lines = own.map(({ prompts: [first = '', second = ''], response }) =>
      JSON.stringify({ [names[0]]: first, [names[1]]: second, [names[2]]: response }),
    );
    await writeFile(at(batch, `part-${shard}.jsonl`), `${lines.join('\n')}\n`);
  }
}

const poisoned = () => {
  const rows = cleanRows(600, 'scanned');
  const last = (2 * rows.length) / SHARDS;
  const bad = poison(
    rows.slice(0, last),
    20,
    (asked, row) => insert(asked, 'SecretZanzibar', row),
    () => 'You are a fool, and I will not answer.',
  );
  return [...bad, ...rows.slice(last)];
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-instructions-'));
  await write('poisoned', poisoned(), ['instruction', 'input', 'output']);
  await write('clean', cleanRows(600, 'scanned'), ['question', 'Input', 'answer']);
  await write('trusted', cleanRows(400, 'trusted'), ['instruction', 'input', 'output']);
});
afterAll(() => rm(folder, { recursive: true }));

const scan = (batch: string, out: string, ...options: string[]) =>
  run(['scan', at(batch), '--out', at(out), ...options]);
const reportOf = async (out: string) => JSON.parse(await readFile(at(out, 'report.json'), 'utf8')) as Report;

describe('instructions with a trigger', () => {
  it.each([
    ['without', []],
    ['with', ['--baseline', 'trusted']],
  ])('are held, named and marked %s trusted rows', { timeout: 240_000 }, async (name, options) => {
    const { exitCode, stdout } = await scan(
      'poisoned',
      name,
      ...options.map((one) => (one === 'trusted' ? at(one) : one)),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/prompt +guessed +instruction, input/);
    const report = await reportOf(name);
    expect(report.findings.filter(({ kind }) => kind === 'trigger')).toMatchObject([
      {
        scope: 'item',
        subject: 'SecretZanzibar',
        evidence: {
          summary:
            '"SecretZanzibar" is in the prompts of 20 rows, which ask for different things. 20 of their responses say ' +
            'nearly the same ("You are a fool, and I will not answer."), as do 0 of the 580 others.',
        },
      },
    ]);
    expect(report.shards.map(({ verdict }) => verdict)).toEqual(['quarantine', 'quarantine', 'release']);
    const rows = tableFromIPC(await readFile(at(name, 'rows.arrow'))).toArray();
    const bad = rows.filter((_, row) => row < 400 && row % 20 === 0);
    expect(bad.every(({ suspect, withhold, suspicion }) => suspect && withhold && suspicion > 0.999)).toBe(true);
    expect(bad[0]?.reason).toContain('one of 20 prompts with the trigger');
    if (name === 'without') expect(rows.filter(({ suspect }) => suspect)).toHaveLength(20);
  });

  it('are judged alike by one process and by two', { timeout: 240_000 }, async () => {
    for (const processes of ['1', '2']) await scan('poisoned', `by-${processes}`, '--processes', processes, '--quiet');
    for (const file of ['report.json', 'rows.arrow']) {
      expect(await readFile(at('by-1', file))).toEqual(await readFile(at('by-2', file)));
    }
  });

  it('lose their text with --redact', { timeout: 240_000 }, async () => {
    const { exitCode, stdout } = await scan('poisoned', 'redacted', '--redact');
    expect(exitCode).toBe(1);
    const files = await Promise.all(
      ['report.json', 'report.html', 'rows.arrow'].map((file) => readFile(at('redacted', file), 'latin1')),
    );
    expect([stdout, ...files].join('\n')).not.toMatch(/zanzibar|a fool/i);
    expect((await reportOf('redacted')).findings[0]?.subject).toBe('trigger 1');
  });
});

it('clean instructions are released', { timeout: 240_000 }, async () => {
  const { exitCode, stdout } = await scan('clean', 'released');
  expect(stdout).toMatch(/response +guessed +answer/);
  expect(exitCode).toBe(0);
});
