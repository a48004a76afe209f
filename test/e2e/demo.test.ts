import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('npm run demo finds the poison in both corpora and says so', async () => {
  const { stdout } = await run('npm', ['run', '--silent', 'demo'], { maxBuffer: 2 ** 24 });
  expect(stdout).toContain('The poison was found in both batches, and no clean shard was held.');
  expect(stdout).not.toContain('MISSED');
}, 300_000);

test('the command is there for npx in the project folder', async () => {
  const { stdout } = await run('npx', ['--no-install', 'taster', '--help']);
  expect(stdout).toContain('scan');
});
