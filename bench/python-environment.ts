import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The interpreter of an environment with the packages that a file pins, made anew when they change. */
export async function pythonWith(name: string, requirements: string): Promise<string> {
  const folder = `node_modules/.cache/${name}`;
  const program = join(folder, 'bin', 'python');
  const made = join(folder, 'requirements.txt');
  if (existsSync(made) && readFileSync(made, 'utf8') === readFileSync(requirements, 'utf8')) return program;
  await rm(folder, { recursive: true, force: true });
  await mkdir('node_modules/.cache', { recursive: true });
  const run = (command: string, parameters: readonly string[]) =>
    spawnSync(command, parameters, { stdio: ['ignore', 2, 2] }).status === 0;
  console.error(`Installing Python packages (${name}) …`);
  const isReady =
    run('python3', ['-m', 'venv', folder]) && run(program, ['-m', 'pip', 'install', '-q', '-r', requirements]);
  if (!isReady)
    throw new Error('The Python environment could not be made: python3 with venv and a package index are needed.');
  await copyFile(requirements, made);
  return program;
}
