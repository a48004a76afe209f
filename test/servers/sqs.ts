import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, installed, run } from '../../servers/installed.js';
import { type ServerProcess, startServer } from '../../servers/server-process.js';

const PACKAGE = 'moto[server]==5.2.5';
const remedy = 'Install Python 3.10 or later with venv and pip, so that they can install it from PyPI.';

/** Installing the server takes minutes, once. */
export const SQS_START_MS = 900_000;

const cache = fileURLToPath(new URL('../../node_modules/.cache/taster', import.meta.url));
const environment = join(cache, 'moto-5.2.5');
const program = join(environment, 'bin', 'moto_server');
/** Written last: what was cut off is not taken for whole. */
const whole = join(environment, 'installed');

export interface RunningSqs extends Omit<ServerProcess, 'restart' | 'kill' | 'pid'> {
  readonly endpoint: string;
  /** The standard variables by which any client reaches it. */
  readonly variables: Readonly<Record<string, string>>;
}

async function install(): Promise<void> {
  const python = findProgram('python3');
  if (python === undefined) throw new Error('there is no python3');
  await mkdir(cache, { recursive: true });
  // Scripts name the folder they were installed in, so it is made in its place.
  await rm(environment, { recursive: true, force: true });
  await run(python, ['-m', 'venv', environment]);
  await run(join(environment, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', PACKAGE]);
  await writeFile(whole, '');
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** A private stand-in for S3 that tells a queue of SQS of its objects; it checks no signature. Installed where missing. */
export async function startSqs(): Promise<RunningSqs> {
  const find = () => (existsSync(whole) ? program : undefined);
  const found = await installed(join(cache, 'moto.lock'), find, install).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`These tests need an SQS server, which could not be installed: ${why}. ${remedy}`, { cause });
  });
  if (found === undefined) throw new Error(`These tests need an SQS server, which is missing. ${remedy}`);
  const { port, folder, stop } = await startServer({
    name: 'sqs',
    program: found,
    parameters: (free) => ['-H', '127.0.0.1', '-p', `${free}`],
    isReady: answers,
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'tests',
    AWS_SECRET_ACCESS_KEY: 'tests-secret',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  return { port, folder, stop, endpoint, variables };
}
