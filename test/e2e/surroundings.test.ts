import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { canMount, mount, unmount } from '../mount.js';
import { temporaryFolder } from '../temporary-folder.js';
import { outcomeOf, run, start } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const trusted = join(WEATHER, 'trusted');
const batch = join(WEATHER, 'incoming');

const at = temporaryFolder();

beforeAll(() => {
  for (const name of ['small', 'tmp']) mkdirSync(at(name));
});

describe.skipIf(!canMount())('a full disk', () => {
  it.each([
    ['of the report', () => ({ argv: ['--out', at('small', 'out')], TMPDIR: at('tmp') })],
    ['of the scratch files', () => ({ argv: ['--out', at('out')], TMPDIR: at('small') })],
  ])('%s ends the scan with 3, nothing is left', async (_, of) => {
    mount(at('small'), '16k');
    try {
      const { argv, TMPDIR } = of();
      for (const baseline of [['--baseline', trusted], []]) {
        const { exitCode, stdout, stderr } = await run(['scan', batch, ...baseline, ...argv], { env: { TMPDIR } });
        expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 3, stdout: '' });
        expect(stderr).toMatch(
          /^taster: .*(small|\.taster-).*: writing failed: ENOSPC.*\nCheck permissions and free space/,
        );
        expect(readdirSync(at('small')).flatMap((name) => readdirSync(at('small', name)))).toEqual([]);
        expect(readdirSync(at('tmp'))).toEqual([]);
      }
    } finally {
      unmount(at('small'));
    }
  });
});

const baselines: readonly (readonly [how: string, options: readonly string[]])[] = [
  ['beside trusted rows', ['--baseline', trusted]],
  ['without a baseline', []],
];

/** A copy of the batch, to spoil. */
function copyBatch(): string {
  const copy = mkdtempSync(at('batch-'));
  cpSync(batch, copy, { recursive: true });
  return copy;
}

const READ_FAILED = 'Check permissions and the disk, then run again.';

/** The scan ended with 3, said what and where in one line and what to do in another, and left nothing. */
function expectFailure(outcome: Awaited<ReturnType<typeof run>>, said: RegExp, remedy: string, out: string): void {
  const [first = '', ...rest] = outcome.stderr.trimEnd().split('\n');
  expect({ ...outcome, stderr: rest }).toEqual({ exitCode: 3, stdout: '', stderr: [remedy] });
  expect(first).toMatch(/^taster: \S/);
  expect(first).toMatch(said);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  expect(readdirSync(at('tmp'))).toEqual([]);
}

/** Root passes all permissions unless it gives that up. */
const bound =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-all'] : [];

function isBound(): boolean {
  if (process.platform === 'win32') return false;
  const file = at('closed');
  writeFileSync(file, '');
  chmodSync(file, 0);
  const [program = '', ...rest] = [...bound, 'cat', file];
  const { status, error } = spawnSync(program, rest);
  return error === undefined && status !== 0;
}

describe.runIf(isBound())('no permission', () => {
  const CLOSED: readonly (readonly [what: string, close: (copy: string) => string])[] = [
    ['to read a shard', (copy) => join(copy, 'days-3.csv')],
    [
      'to list a folder of shards',
      (copy) => {
        mkdirSync(join(copy, 'more'));
        return join(copy, 'more');
      },
    ],
  ];
  it.each(CLOSED.flatMap(([what, close]) => baselines.map(([how, options]) => ({ what, how, close, options }))))(
    '$what ends the scan with 3, $how',
    async ({ close, options }) => {
      const copy = copyBatch();
      const closed = close(copy);
      chmodSync(closed, 0);
      const argv = ['scan', copy, ...options, '--out', at('out')];
      const outcome = await run(argv, { by: bound, env: { TMPDIR: at('tmp') } });
      expectFailure(outcome, new RegExp(`${closed}: reading failed: EACCES`), READ_FAILED, at('out'));
    },
  );

  it('to read trusted rows ends the scan with 3', async () => {
    const copy = copyBatch();
    chmodSync(join(copy, 'days-1.csv'), 0);
    const outcome = await run(['scan', batch, '--baseline', copy, '--out', at('out')], {
      by: bound,
      env: { TMPDIR: at('tmp') },
    });
    expectFailure(outcome, /days-1\.csv: reading failed: EACCES/, READ_FAILED, at('out'));
  });

  it('to write the report ends the scan with 3 before anything is read', async () => {
    mkdirSync(at('closed-out'), { mode: 0o500 });
    const outcome = await run(['scan', batch, '--baseline', trusted, '--out', at('closed-out', 'out')], {
      by: bound,
      env: { TMPDIR: at('tmp') },
    });
    const remedy = 'Check permissions and free space, then run again.';
    expectFailure(outcome, /closed-out\/out: writing failed: EACCES/, remedy, at('closed-out'));
  });
});

describe.skipIf(process.platform === 'win32')('a batch that changes', () => {
  const CHANGES: readonly (readonly [what: string, change: (path: string) => void, said: RegExp])[] = [
    ['vanishes', (path) => rmSync(path), /z\.csv: reading failed: ENOENT/],
    ['becomes a pipe', (path) => renameSync(at('pipe'), path), /z\.csv: reading failed: it is no file any more/],
  ];
  // Made beforehand: between taking the file away and making a pipe the scan would find neither.
  beforeEach(() => {
    rmSync(at('pipe'), { force: true });
    execFileSync('mkfifo', [at('pipe')]);
  });
  it.each(
    CHANGES.flatMap(([what, change, said]) =>
      baselines.map(([how, options]) => ({ what, change, said, how, options })),
    ),
  )('a shard that $what after it was listed ends the scan with 3, $how', async ({ change, said, options }) => {
    const copy = copyBatch();
    // The smallest is read last.
    const last = join(copy, 'z.csv');
    cpSync(join(copy, 'days-1.csv'), last);
    const argv = ['scan', copy, ...options, '--processes', '1', '--out', at('out')];
    const child = start(argv, { env: { TMPDIR: at('tmp') } });
    const outcome = outcomeOf(child);
    // Made once shards are listed and before any process that reads them is started.
    await vi.waitUntil(() => readdirSync(at('tmp')).length > 0, { timeout: 100_000, interval: 1 });
    change(last);
    expectFailure({ ...(await outcome), stdout: '' }, said, READ_FAILED, at('out'));
  });
});

describe.runIf(existsSync('/dev/full'))('a full device', () => {
  it.each([
    ['scan', () => [batch, '--baseline', trusted, '--json', '--out', at('whole')]],
    ['baseline', () => ['build', trusted, '--out', at('b.taster')]],
  ])('as stdout of %s ends it with 3', async (command, argv) => {
    const full = openSync('/dev/full', 'w');
    const outcome = await run([command, ...argv()], { stdout: full });
    closeSync(full);
    expectFailure(
      outcome,
      /^taster: stdout: writing failed: ENOSPC/,
      'Check permissions and free space, then run again.',
      at('out'),
    );
  });

  it('leaves what was written to files', () => {
    expect(readdirSync(at('whole'))).toEqual(['report.html', 'report.json', 'rows.arrow']);
    expect(existsSync(at('b.taster'))).toBe(true);
  });
});
