import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { textCsv, writeFiles } from '../assess/batch.js';
import { outcomeOf, start } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-interrupt-'));
  await writeFiles(join(folder, 'tmp'), {});
  await writeFiles(join(folder, 'trusted'), { 'rows.csv': textCsv('trusted', 400) });
  const shard = textCsv('long', 40_000);
  await writeFiles(join(folder, 'batch'), { 'a.csv': shard, 'b.csv': shard, 'c.csv': shard });
});
afterAll(() => rm(folder, { recursive: true }));

interface Process {
  readonly id: number;
  readonly parent: number;
}

/** Every process but those that have ended and only wait to be collected. */
function processes(): Process[] {
  return listed().flatMap(([state, id, parent]) =>
    state === undefined || state.startsWith('Z') ? [] : [{ id: Number(id), parent: Number(parent) }],
  );
}

/** State, id and parent of every process. */
function listed(): string[][] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-A', '-o', 'state=,pid=,ppid='], { encoding: 'utf8' }).split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  }
  // Small images have no ps. After the name, which may hold anything: state, parent.
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const [state = '', parent = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
        return [state, name, parent];
      } catch {
        return []; // It has ended in between.
      }
    });
}

describe.skipIf(process.platform === 'win32')('a scan by several processes', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s ends with %i and leaves no process and no file behind', async (signal, expected) => {
    const argv = ['scan', join(folder, 'batch'), '--baseline', join(folder, 'trusted'), '--processes', '2'];
    const child = start(argv, { env: { TMPDIR: join(folder, 'tmp') }, detached: true });
    const outcome = outcomeOf(child);
    const leader = child.pid ?? 0;
    const childrenOf = () => processes().filter(({ parent }) => parent === leader);
    const children = await vi.waitFor(
      () => {
        expect(childrenOf()).toHaveLength(2);
        return childrenOf().map(({ id }) => id);
      },
      { timeout: 60_000, interval: 50 },
    );
    expect(await readdir(join(folder, 'tmp'))).toHaveLength(1);
    child.kill(signal);
    expect(await outcome).toEqual({ exitCode: expected, stderr: '' });
    await vi.waitFor(() => expect(processes().filter(({ id }) => [leader, ...children].includes(id))).toEqual([]));
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });
});
