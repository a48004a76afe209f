import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const compiled = (path: string) => fileURLToPath(new URL(`../../dist/src/${path}`, import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function node(argv: readonly string[]) {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    written.stdout += String(text);
  });
  child.stderr.on('data', (text) => {
    written.stderr += String(text);
  });
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  return { exitCode, ...written };
}

describe('the compiled program', () => {
  it('answers --version and refuses what it does not know', async () => {
    expect(await node([compiled('cli/main.js'), '--version'])).toMatchObject({ exitCode: 0, stderr: '' });
    const refused = await node([compiled('cli/main.js'), 'scan', folder, '--baselin', folder]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^taster: unknown option '--baselin'.*\n.*--help/);
  });

  it('leaves nothing partial when it is stopped while writing', async () => {
    const outcome = `{
      batch: 'b', shards: [{ path: 'a', uri: '/a', sha256: 'a'.repeat(64), rows: 0 }], columns: [], notes: [], contract: null, provenance: null, ledger: null, worstRows: [], withheldRows: 0,
      picture: null, redacted: false,
      decision: { verdict: 'release', mode: 'enforce', released: true, sources: [], findings: [], families: [], minimumDetectable: [],
        shards: [{ path: 'a', verdict: 'release', released: true, pValue: null, qValue: null, findings: [] }] },
      baseline: { provisional: false, rows: 0, distinctRows: 0, blocks: 0, sha256: 'b'.repeat(64), artefact: null }, backend: 'wasm', version: '0',
      policy: { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0, sha256: 'c'.repeat(64) },
    }`;
    // Exits as the signal handler does, as soon as the first temporary file or folder is there.
    const program = `
      import { readdirSync } from 'node:fs';
      import { writeReport } from ${JSON.stringify(compiled('report/index.js'))};
      const stopWhenBegun = () => {
        if (readdirSync(${JSON.stringify(folder)}).length > 0) process.exit(130);
        setImmediate(stopWhenBegun);
      };
      stopWhenBegun();
      await writeReport(${JSON.stringify(folder)}, async () => (${outcome}));`;
    const { exitCode, stderr } = await node(['--input-type=module', '--eval', program]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect(await readdir(folder)).toEqual([]);
  });
});
