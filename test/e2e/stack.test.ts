import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { S3_START_MS } from '../../servers/s3.js';
import { processes } from './processes.js';

const LONGEST_MS = 90_000;

/** Runs in a process group of its own, as in a terminal; `interrupt` is a Ctrl-C there. */
function startStack() {
  const child = spawn(process.execPath, ['dist/servers/stack.js'], { detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
  const ended = once(child, 'exit').then(([exitCode]) => exitCode as number | null);
  const guide = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => said.includes('Ctrl-C') && resolve(said));
    void ended.then(() => reject(new Error(said)));
  });
  const interrupt = () => process.kill(-(child.pid ?? 0), 'SIGINT');
  return { pid: child.pid, guide, ended, interrupt };
}

function descendantsOf(root: number | undefined): number[] {
  const all = processes();
  const below = (id: number): number[] =>
    all.filter(({ parent }) => parent === id).flatMap((child) => [child.id, ...below(child.id)]);
  return below(root ?? -1);
}

test(
  'npm run stack: what it says to type works, and Ctrl-C leaves nothing',
  async () => {
    const stack = startStack();
    const lines = [...(await stack.guide).replaceAll('\\\n', ' ').matchAll(/^ {4}(\S.*)$/gm)].map(
      ([, line]) => line ?? '',
    );
    const [enter = '', upload, enqueue, status, recall, gate, list, show, release = ''] = lines;
    const folder = /'(.*)'/.exec(enter)?.[1] ?? '';
    const started = descendantsOf(stack.pid);
    try {
      const type = async (line = '') =>
        (await promisify(execFile)('sh', ['-c', `${enter} && ${line}`], { timeout: LONGEST_MS })).stdout;
      await type(upload);
      expect(await type(enqueue)).toBe('queued digits monday\n');
      expect(await type(status)).toMatch(/settled\s+digits monday: 8 shards, 5 released, 3 held/);
      await type(recall);
      expect((await type(gate)).match(/images-\d/g)).toEqual(['1', '3', '4', '6', '8'].map((n) => `images-${n}`));
      expect(await type(list)).toContain('monday');
      const digits = /[0-9a-f]{64}/.exec(await type(show))?.[0].slice(0, 10) ?? '';
      await type(release.replace('<digits>', digits));
      expect(await type(status)).toMatch(/settled\s+digits monday: 8 shards, 6 released, 2 held/);
    } finally {
      stack.interrupt();
    }
    expect(await stack.ended).toBe(0);
    expect(started.length).toBeGreaterThanOrEqual(4);
    const alive = processes().map(({ id }) => id);
    expect(started.filter((id) => alive.includes(id))).toEqual([]);
    expect([folder !== '', existsSync(folder)]).toEqual([true, false]);
  },
  S3_START_MS,
);
