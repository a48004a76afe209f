import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const folder = 'node_modules/.cache/peers';
const requirements = 'bench/peers/requirements.txt';

/** The interpreter of an environment with the pinned packages, made anew when they change. */
export async function peersPython(): Promise<string> {
  const program = join(folder, 'bin', 'python');
  const made = join(folder, 'requirements.txt');
  if (existsSync(made) && readFileSync(made, 'utf8') === readFileSync(requirements, 'utf8')) return program;
  await rm(folder, { recursive: true, force: true });
  await mkdir('node_modules/.cache', { recursive: true });
  const run = (command: string, parameters: readonly string[]) =>
    spawnSync(command, parameters, { stdio: ['ignore', 2, 2] }).status === 0;
  console.error('Installing cleanlab and PyOD …');
  const isReady =
    run('python3', ['-m', 'venv', folder]) && run(program, ['-m', 'pip', 'install', '-q', '-r', requirements]);
  if (!isReady)
    throw new Error('The Python environment could not be made: python3 with venv and a package index are needed.');
  await copyFile(requirements, made);
  return program;
}

/** Names and versions, as pinned. */
export function peerVersions(): string[] {
  return readFileSync(requirements, 'utf8').trim().split('\n');
}
