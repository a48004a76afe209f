import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const trusted = join(WEATHER, 'trusted');
const batch = join(WEATHER, 'incoming');

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-surroundings-'));
  for (const name of ['small', 'tmp']) mkdirSync(at(name));
});
afterAll(() => rm(folder, { recursive: true }));

function mount(place: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', place], { stdio: 'ignore' });
}

/** Only root may mount a file system that is soon full, and not in every container. */
function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'taster-mount-'));
  try {
    mount(place);
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(place);
  }
}

describe.skipIf(!canMount())('a full disk', () => {
  it.each([
    ['of the report', () => ({ argv: ['--out', at('small', 'out')], TMPDIR: at('tmp') })],
    ['of the scratch files', () => ({ argv: ['--out', at('out')], TMPDIR: at('small') })],
  ])('%s ends the scan with 3, nothing is left', async (_, of) => {
    mount(at('small'));
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
      execFileSync('umount', [at('small')]);
    }
  });
});
