import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnosisJson, examine, renderDiagnosis } from '../../src/doctor/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-doctor-'));
});
afterAll(() => rm(folder, { recursive: true }));

const working = { exitCode: 0, signal: null, stdout: '\n{"simd":true,"gigaflops":20}\n', stderr: '' };
const killed = { exitCode: null, signal: 'SIGILL', stdout: '', stderr: '' };

function diagnose(differences: Partial<Parameters<typeof examine>[0]> = {}) {
  return examine({
    version: '1.2.3',
    requiredNode: '>=20.19',
    backend: 'auto',
    variables: [{ name: 'TASTER_BACKEND', value: 'a\u001b[2Jb', meaning: 'default of --backend' }],
    temporaryFolder: folder,
    tryBackend: async () => working,
    ...differences,
  });
}

describe('a diagnosis', () => {
  it('of a machine that can scan is ready, follows its schema and leaves nothing behind', async () => {
    const diagnosis = await diagnose();
    expect(diagnosis).toMatchObject({ ready: true, problems: [], temporaryFolder: { writable: true } });
    expect(JSON.parse(diagnosisJson(diagnosis))).toEqual(diagnosis);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['20.18.3', false],
    ['18.20.0', false],
    ['20.19.0', true],
    ['22.0.0', true],
  ])('of Node %s: ready %s', async (nodeVersion, ready) => {
    const diagnosis = await diagnose({ nodeVersion });
    expect(diagnosis.ready).toBe(ready);
    expect(diagnosis.problems.map(({ message }) => message)).toEqual(
      ready ? [] : [`Node ${nodeVersion} is too old: >=20.19 is needed`],
    );
  });

  it('names the temporary folder that cannot be written to', async () => {
    const missing = join(folder, 'missing');
    const diagnosis = await diagnose({ temporaryFolder: missing });
    expect(diagnosis).toMatchObject({ ready: false, temporaryFolder: { writable: false, freeBytes: null } });
    expect(diagnosis.problems).toEqual([
      { message: expect.stringContaining(missing), remedy: expect.stringContaining('TMPDIR') },
    ]);
  });

  it('survives a library that kills the process which loads it', async () => {
    const diagnosis = await diagnose({ tryBackend: async () => killed });
    expect(diagnosis).toMatchObject({ ready: false, autoBackend: null });
    expect(diagnosis.backends[0]).toMatchObject({
      name: 'wasm',
      works: false,
      problem: { message: 'the process that tried it was killed (SIGILL)', remedy: expect.stringContaining('npm ci') },
    });
  });

  it('is not ready when the backend that the environment asks for does not work, though another would do', async () => {
    const tryBackend = async (name: string) => (name === 'wasm' ? killed : working);
    expect((await diagnose({ tryBackend, backend: 'wasm' })).problems).toHaveLength(1);
  });

  it('says in the words of the library why a backend does not work', async () => {
    const stderr = 'file:///x.js:1\n  throw\n\nError: tensor backend wasm cannot be used: no memory\n    at x';
    const { backends } = await diagnose({ tryBackend: async () => ({ ...killed, exitCode: 1, signal: null, stderr }) });
    expect(backends[0]?.problem?.message).toBe('no memory');
  });

  it.each([60, 80])('in words fits %i columns and shows nothing that drives the terminal', async (width) => {
    for (const tryBackend of [async () => working, async () => killed]) {
      const text = renderDiagnosis(await diagnose({ tryBackend, nodeVersion: '18.0.0' }), false, width);
      expect(text).toContain('NOT READY');
      expect(text).not.toContain('\u001b');
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });
});
