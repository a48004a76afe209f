import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run.js';
import { Bug } from '../../src/errors.js';

async function doctor(...flags: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const exitCode = await runCli(['doctor', ...flags], {
    variables: { TASTER_BACKEND: 'wasm', AWS_SECRET_ACCESS_KEY: 'hunter2' },
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    scan: async () => {
      throw new Bug('doctor scans nothing');
    },
  });
  return { exitCode, ...written };
}

describe('taster doctor', () => {
  it('says that a scan can run here, and with what', async () => {
    const { exitCode, stdout, stderr } = await doctor();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^READY /);
    expect(stdout).toMatch(/^ {2}wasm +works, about \S+ GFLOP\/s, SIMD$/m);
    expect(stdout).toMatch(/^ {2}native +(works|not installed\. )/m);
    expect(stdout).toMatch(/^ {2}TASTER_BACKEND +wasm$/m);
    expect(stdout).not.toContain('hunter2');
  });

  it('says the same as JSON', async () => {
    const { exitCode, stdout } = await doctor('--json');
    expect(exitCode).toBe(0);
    const diagnosis = JSON.parse(stdout);
    expect(diagnosis).toMatchObject({ ready: true, problems: [], backends: [{ name: 'wasm' }, { name: 'native' }] });
    expect(diagnosis.sha256GigabytesPerSecond).toBeGreaterThan(0);
    expect(diagnosis.backends[0].gigaflops).toBeGreaterThan(0);
    expect(stdout).not.toContain('hunter2');
  });

  it.each([['--as', 'trainer=its'], ['--protected', 's3://audit/checkpoints'], ['--strict']])(
    'does not pass for having tried what %s asks for without a configuration',
    async (option, ...value) => {
      const { exitCode, stdout, stderr } = await doctor(option, ...value);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`${option} needs --config`);
    },
  );

  it('says that only a prefix in S3 can be protected', async () => {
    const { exitCode, stdout, stderr } = await doctor('--protected', './checkpoints');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('It must be a prefix in S3');
  });
});
