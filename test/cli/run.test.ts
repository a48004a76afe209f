import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run.js';
import { BadInput, Bug, Transient } from '../../src/errors.js';
import type { ScanRequest } from '../../src/pipeline.js';
import { renderTerminal, reportJson, type ScanOutcome } from '../../src/report/index.js';
import { observed, released, twoBadShards } from '../report/outcomes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Surroundings {
  readonly outcome?: ScanOutcome | Error;
  readonly variables?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
}

async function run(argv: readonly string[], { outcome = released, variables = {}, isTTY = false }: Surroundings = {}) {
  const written = { stdout: '', stderr: '' };
  const requests: ScanRequest[] = [];
  const stream = (name: keyof typeof written) => ({
    isTTY,
    columns: 200,
    write: (text: string) => {
      written[name] += text;
      return true;
    },
  });
  const exitCode = await runCli(argv, {
    variables,
    stdout: stream('stdout'),
    stderr: { ...stream('stderr'), isTTY: false },
    scan: async (request) => {
      requests.push(request);
      if (outcome instanceof Error) throw outcome;
      request.rows?.begin({ paths: [], kinds: [] });
      return outcome;
    },
  });
  return { exitCode, request: requests[0], ...written };
}

const scan = ['scan', 'batch', '--baseline', 'trusted'];

describe('settings that cannot be', () => {
  it.each([
    [['status'], 'Run `taster status --help`'],
    [['serve', '--port', '0'], 'Run `taster serve --help`'],
    [['--version'], 'Run `taster --help`'],
  ])('of the environment are told by %s of itself', async (argv, remedy) => {
    const { exitCode, stderr } = await run(argv, {
      variables: { TASTER_REDIS_URL: 'http://x', TASTER_EVENTS_TOKEN: 'x' },
    });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(remedy)]);
    expect(stderr).toMatch(/TASTER_EVENTS_TOKEN must have.*TASTER_REDIS_URL must begin/);
  });

  it.each(['--ledger', '--audit', '--out', '--split'])(
    'are places of a scan of which nobody knows the store: %s',
    async (option) => {
      const { exitCode, request, stderr } = await run([...scan, option, 'gs://lake/v']);
      expect([exitCode, request]).toEqual([2, undefined]);
      expect(stderr).toContain(`${option}: gs://lake/v is no folder, file:// or s3:// prefix`);
    },
  );
});

describe('exit codes', () => {
  it.each([
    ['all released', released, 0],
    ['something held', twoBadShards, 1],
    ['suspect but released in observe mode', observed, 0],
    ['bad input', new BadInput('NO_SHARDS', { path: 'batch' }), 2],
    ['a failing disk', new Transient('READ_FAILED', { path: 'batch', detail: 'EIO' }), 3],
    ['a bug', new Bug('impossible'), 3],
    ['an unknown error', new TypeError('x is not a function'), 3],
  ])('%s', async (_, outcome, expected) => {
    const { exitCode, stdout } = await run(scan, { outcome });
    expect(exitCode).toBe(expected);
    expect(stdout === '').toBe(outcome instanceof Error);
  });
});

describe('usage', () => {
  it.each([
    [['scan', '--baseline', 'x'], "taster: missing required argument 'batch'", 'taster scan --help'],
    [[...scan, '--outt', 'x'], "taster: unknown option '--outt' (Did you mean --out?)", 'taster scan --help'],
    [['scna'], "taster: unknown command 'scna' (Did you mean scan?)", 'taster --help'],
    [['--nope'], "taster: unknown option '--nope'", 'taster --help'],
    [
      [...scan, '--backend', 'gpu'],
      "taster: option '--backend <name>' argument 'gpu' is invalid",
      'taster scan --help',
    ],
    [
      [...scan, '--processes', 'many'],
      "taster: option '--processes <n>' argument 'many' is invalid",
      'taster scan --help',
    ],
    [[...scan, '--label'], "taster: option '--label <column>' argument missing", 'taster scan --help'],
    [[...scan, '--policy', '/no/such/policy.json'], 'taster: /no/such/policy.json: no such file', 'Check the path'],
    [[...scan, '--out', 'batch/report'], 'taster: --out batch/report lies in batch', 'taster scan --help'],
  ])('%j is refused with the remedy', async (argv, message, remedy) => {
    const { exitCode, stdout, stderr, request } = await run(argv);
    expect({ exitCode, stdout, request }).toEqual({ exitCode: 2, stdout: '', request: undefined });
    const [first, second, ...rest] = stderr.split('\n');
    expect(first).toContain(message);
    expect(second).toContain(remedy);
    expect(rest).toEqual(['']);
  });

  it('names every wrong environment variable', async () => {
    const { exitCode, stderr } = await run(scan, { variables: { TASTER_BACKEND: 'gpu', TASTER_PROCESSES: 'x' } });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/TASTER_BACKEND.*TASTER_PROCESSES/);
  });

  /** Commands and their own, as help lists them. */
  async function commandsBelow(path: readonly string[]): Promise<string[][]> {
    const { exitCode, stdout, stderr } = await run([...path, '--help']);
    expect({ path, exitCode, stderr }).toEqual({ path, exitCode: 0, stderr: '' });
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const [, listed = ''] = /^Commands:\n((?: {2}.*\n?)+)/m.exec(stdout) ?? [];
    const names = [...listed.matchAll(/^ {2}(\w+)/gm)]
      .map(([, name]) => name as string)
      .filter((name) => name !== 'help');
    const own = names.map((name) => [...path, name]);
    const below: string[][] = [];
    for (const one of own) below.push(...(await commandsBelow(one)));
    return [...own, ...below];
  }

  it('shows help of every command, of which no line passes 80 columns', async () => {
    const all = (await commandsBelow([])).map((path) => path.join(' '));
    expect(all).toEqual(expect.arrayContaining(['scan', 'recall', 'review reopen', 'baseline promote', 'policy iam']));
    expect(await run(['help', 'scan'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('shows examples and exit codes', async () => {
    const { stdout } = await run(['scan', '--help']);
    expect(stdout).toContain('taster scan ./batch --baseline ./trusted');
    expect(stdout).toContain('1  something is held');
  });

  it('breaks what an option is for where its lines end', async () => {
    const { stdout } = await run(['audit', 'checkpoint', '--help']);
    expect(stdout).toMatch(/ out of\n {16}reach of whoever writes the log\n/);
  });

  it('does not report success when it was told to do nothing', async () => {
    const { exitCode, stdout } = await run([]);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('Usage: taster');
  });

  it('tells its version', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, stdout: `${manifest.version}\n` });
  });
});

describe('what is asked of the pipeline', () => {
  it('is everything the options say', async () => {
    const policy = join(folder, 'policy.json');
    await writeFile(policy, '{ "mode": "observe" }');
    const options = [
      '--label',
      'y',
      '--source',
      's',
      '--group',
      'g',
      '--id',
      'a',
      '--id',
      'b',
      '--backend',
      'native',
      '--processes',
      '3',
    ];
    const { request } = await run(['scan', 'b1', 'b2', '--baseline', 't', ...options, '--policy', policy]);
    expect(request).toMatchObject({
      batch: ['b1', 'b2'],
      baseline: 't',
      columns: { label: 'y', source: 's', group: 'g', ids: ['a', 'b'] },
      policy: { mode: 'observe', falseQuarantineRate: 0.01, tolerance: 0.005 },
      backend: 'native',
      processes: 3,
    });
  });

  it('is guessed where nothing is said, with the environment as default', async () => {
    const { request } = await run(scan, { variables: { TASTER_BACKEND: 'wasm', TASTER_PROCESSES: '2' } });
    expect(request).toMatchObject({ columns: { ids: [] }, backend: 'wasm', processes: 2, policy: { mode: 'enforce' } });
    expect(Object.keys(request!.columns)).toEqual(['ids']);
    const overridden = await run([...scan, '--backend', 'auto', '--processes', '0'], {
      variables: { TASTER_BACKEND: 'wasm', TASTER_PROCESSES: '2' },
    });
    expect(overridden.request).toMatchObject({ backend: 'auto', processes: 0 });
  });
});

describe('output', () => {
  it('is the terminal report, without files unless asked for', async () => {
    const { stdout, stderr } = await run(scan, { outcome: twoBadShards });
    expect(stdout).toBe(renderTerminal(twoBadShards, { color: false, width: 80 }));
    expect(stdout).toContain('Add --out DIR');
    expect(stderr).toBe('');
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes into --out as well', async () => {
    const out = join(folder, 'report');
    const { stdout } = await run([...scan, '--out', out], { outcome: twoBadShards });
    expect(stdout).toContain('report.html');
    expect(await readdir(out)).toEqual(['report.html', 'report.json', 'rows.arrow']);
  });

  it('tells no value of a row with --redact, and says that it does not', async () => {
    const worstRows = twoBadShards.worstRows.map((row) => ({ ...row, values: new Map([['note', 'SECRET']]) }));
    const out = join(folder, 'report');
    const { stdout } = await run([...scan, '--redact', '--out', out], { outcome: { ...twoBadShards, worstRows } });
    expect(stdout).toContain('values left out');
    for (const told of [
      stdout,
      await readFile(join(out, 'report.json'), 'utf8'),
      await readFile(join(out, 'report.html'), 'utf8'),
      await readFile(join(out, 'rows.arrow'), 'latin1'),
    ]) {
      expect(told).not.toContain('SECRET');
    }
    expect(JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))).toMatchObject({ redacted: true });
  });

  it('leaves no earlier verdict behind when the scan fails', async () => {
    const out = join(folder, 'report');
    await run([...scan, '--out', out]);
    await run([...scan, '--out', out], { outcome: new BadInput('NO_SHARDS', { path: 'batch' }) });
    expect(await readdir(out)).toEqual(['rows.arrow']);
  });

  it('is report.json alone with --json, nothing with --quiet', async () => {
    const out = join(folder, 'report');
    const json = await run([...scan, '--json', '--out', out], { outcome: twoBadShards, isTTY: true });
    expect(json).toMatchObject({ exitCode: 1, stdout: reportJson(twoBadShards), stderr: '' });
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe(json.stdout);
    expect(await run([...scan, '--quiet'], { outcome: twoBadShards })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: '',
    });
  });

  it('is coloured only on a terminal and not against NO_COLOR', async () => {
    expect((await run(scan)).stdout).not.toContain('\u001b[');
    expect((await run(scan, { isTTY: true })).stdout).toContain('\u001b[');
    expect((await run(scan, { isTTY: true, variables: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b[');
  });

  it('shows an error on one line without its stack, and nothing that drives the terminal', async () => {
    const outcome = new BadInput('PATH_MISSING', { path: 'a\u001b[2J\nb' });
    expect((await run(scan, { outcome })).stderr).toBe(
      'taster: a\\u{1b}[2J\\u{a}b: no such file or folder\nCheck the path.\n',
    );
    const bug = await run(scan, { outcome: new Bug('rows < 0') });
    expect(bug.stderr).toMatch(/^taster: internal error: rows < 0\n.*TASTER_DEBUG=1.*\n$/);
    expect((await run(scan, { outcome: new Bug('rows < 0'), variables: { TASTER_DEBUG: '1' } })).stderr).toContain(
      'run.test.ts',
    );
  });
});
