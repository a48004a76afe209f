import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { quietAwsSdk } from '../src/config/index.js';
import { messageOf } from '../src/errors.js';
import { startRedis } from './redis.js';
import { type RunningS3, startS3 } from './s3.js';
import { freePort } from './server-process.js';
import { BUCKET, guide, type Stack, shellSettings } from './stack-guide.js';
import { type RunningTaster, runTaster, startTaster } from './taster.js';

const DIGITS = 'datasets/digits';
const BASELINE = 'digits.taster';
const LINES_SHOWN = 10;

interface StartedStack extends Stack {
  /** Resolves with the first part that ends. */
  readonly broken: Promise<RunningTaster>;
}

type Release = () => Promise<unknown>;

function toldToStop(): Promise<undefined> {
  return new Promise((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => settle(undefined));
  });
}

/** Keys for signed verdicts, so that the gate can be tried. */
async function writeKeys(folder: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(join(folder, 'worker.pem'), privateKey, { mode: 0o600 });
  const trust = { version: 1, verifiers: [{ name: 'worker', key: publicKey, datasets: ['digits'] }] };
  await writeFile(join(folder, 'trust.json'), JSON.stringify(trust, null, 2));
}

async function writeConfig(folder: string): Promise<void> {
  const root = (name: string) => `s3://${BUCKET}/${name}`;
  const digits = {
    ...{ incoming: root('incoming'), released: root('released'), quarantine: root('quarantine') },
    ...{ vault: root('vault'), baseline: root(`trusted/${BASELINE}`), mode: 'enforce', sign: 'worker.pem' },
  };
  const config = { worker: { sweepSeconds: 5 }, datasets: { digits } };
  await writeFile(join(folder, 'taster.config.json'), JSON.stringify(config, null, 2));
}

async function uploadBaseline(s3: RunningS3, file: string): Promise<void> {
  await s3.createBucket(BUCKET);
  await s3.putObject(BUCKET, `trusted/${BASELINE}`, await readFile(file));
}

/** What the service and whoever tries it need besides servers. */
async function prepare(folder: string, s3: RunningS3, variables: Stack['variables']): Promise<void> {
  await cp(`${DIGITS}/incoming`, join(folder, 'batch'), { recursive: true });
  const build = ['baseline', 'build', resolve(DIGITS, 'trusted'), '--out', BASELINE, '--backend', 'wasm', '--quiet'];
  await runTaster(build, { cwd: folder, variables });
  await uploadBaseline(s3, join(folder, BASELINE));
  await Promise.all([writeKeys(folder), writeConfig(folder), writeFile(join(folder, 'env'), shellSettings(variables))]);
}

/** Starts all of it; how to let go of what has been taken is handed to `onTaken` at once. */
async function startStack(onTaken: (release: Release) => void): Promise<StartedStack> {
  const folder = await mkdtemp(join(tmpdir(), 'taster-stack-'));
  onTaken(() => rm(folder, { recursive: true, force: true }));
  console.error('Starting Redis and an S3 server; the first time they are installed, which takes minutes …');
  const redis = await startRedis({ outlivesInterrupt: true });
  onTaken(redis.stop);
  const s3 = await startS3({ outlivesInterrupt: true });
  onTaken(s3.stop);
  console.error('Learning from trusted rows, and starting the service …');
  const variables = { ...s3.variables, TASTER_REDIS_URL: redis.url };
  await prepare(folder, s3, variables);
  const port = await freePort();
  const parts = [['worker'], ['serve', '--port', `${port}`]].map((argv) => {
    const part = startTaster(argv, { cwd: folder, variables }, join(folder, `${argv[0]}.log`));
    onTaken(part.stop);
    return part;
  });
  const broken = Promise.race(parts.map((part) => part.ended.then(() => part)));
  return { folder, address: `http://127.0.0.1:${port}`, variables, broken };
}

async function main(): Promise<number> {
  const stopped = toldToStop();
  const releases: Release[] = [];
  try {
    const stack = await startStack((release) => releases.push(release));
    console.log(guide(stack));
    const broken = await Promise.race([stopped, stack.broken]);
    if (broken === undefined) return 0;
    console.error(`${broken.name} has ended by itself. The end of its log:\n${await lastLines(broken.log)}`);
    return 1;
  } catch (error) {
    console.error(`The stack did not start: ${messageOf(error)}`);
    return 1;
  } finally {
    console.error('Stopping everything …');
    for (const release of releases.reverse()) await release();
  }
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
}

quietAwsSdk();
process.exitCode = await main();
