import { rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkService } from '../../src/checkup/index.js';
import { loadConfig } from '../../src/config/index.js';
import { anyStore } from '../../src/store/index.js';
import { keyPair, privatePem } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { rootsBelow } from '../e2e/service.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();

beforeEach(() => {
  const mail = { ...rootsBelow(at('lake')), sign: 'key.pem' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { mail } }));
  writeFileSync(at('key.pem'), privatePem(keyPair().own));
});

/** What doctor says of it. */
async function told(): Promise<string[]> {
  const checks = await checkService(anyStore, 'redis://127.0.0.1:1', loadConfig(at('config.json')));
  return checks
    .filter(({ subject }) => subject === 'datasets.mail.sign')
    .map(({ outcome, message }) => `${outcome}: ${message}`);
}

describe('the key that a worker signs with', () => {
  it('is told by doctor where it can be used', async () => {
    expect(await told()).toEqual([`fine: ${at('key.pem')} can be signed with`]);
  });

  it.each([
    ['is not there', () => rmSync(at('key.pem')), /key\.pem: no such file or folder/],
    ['is no key', () => writeFileSync(at('key.pem'), 'no key'), /key\.pem: /],
    ['belongs to a command that has none', () => writeFileSync(at('key.pem'), '{"command": ["x"]}'), /key\.pem: /],
  ])('is a problem to doctor, and keeps a worker from starting, where it %s', async (_, spoil, problem) => {
    spoil();
    expect(await told()).toEqual([expect.stringMatching(/^problem: /)]);
    expect((await told())[0]).toMatch(problem);
    const { exitCode, stderr } = await taster('worker', '--config', at('config.json'));
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(problem)]);
    expect(stderr).toContain('datasets.mail');
  });
});
