import { mkdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from './e2e/command.js';
import { temporaryFolder } from './temporary-folder.js';

const at = temporaryFolder();
const compose = readFileSync('compose.yaml', 'utf8');
const services = [...compose.matchAll(/^ {2}(\w+):\n {4}<<: \*taster\n {4}command: \[(.+)\]$/gm)].map(
  ([, name = '', words = '']) => ({ name, command: words.split(', ').map((word) => word.replace(/^'(.*)'$/, '$1')) }),
);

it('compose.yaml starts a worker and a server of Taster', () => {
  expect(services.map(({ name }) => name)).toEqual(['worker', 'serve']);
});

it.each(services)(
  'compose.yaml gives $name a command that there is, on the port that is asked for its health',
  async ({ command }) => {
    mkdirSync(at(), { recursive: true });
    // Where there is no configuration a command that is understood ends by looking for it.
    const { exitCode, stderr } = await run(command, { cwd: at() });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining('taster.config.json: no such file or folder'),
    });
    expect(compose).toContain(`http://127.0.0.1:${command[command.indexOf('--port') + 1]}/health/ready`);
  },
);
