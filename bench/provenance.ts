import { createHash, generateKeyPairSync, randomFillSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { envelopeText, seal } from '../src/attest/index.js';
import { verdictOf } from '../src/gate/index.js';
import { hashParts, PART_BYTES } from '../src/intake/index.js';
import { fileStore } from '../src/store/index.js';
import { costOf, type ProcessCost } from './process-tree.js';
import { rowsFolder } from './speed-data.js';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    megabytes: { type: 'string', default: '2000' },
    runs: { type: 'string', default: '3' },
  },
});
const [rows, megabytes, runs] = [Number(flags.rows), Number(flags.megabytes), Number(flags.runs)];

const root = 'node_modules/.cache/speed';
const taster = [process.execPath, fileURLToPath(new URL('../src/cli/main.js', import.meta.url))];
const TRUSTED_ROWS = 10_000;
const FILES = 8;
const MB = 1e6;
/** Of the CPU time of a scan that verifies nothing and signs nothing. */
const PROMISED_SHARE = 0.15;
/** Of the speed of sha256sum, by CPU time. */
const PROMISED_SPEED = 0.5;

const at = (...parts: string[]) => join(root, 'provenance', ...parts);

/** The cheapest of several runs: what others of the machine do only adds. */
async function cheapest(command: readonly string[], exitCodes: readonly number[]): Promise<ProcessCost> {
  const costs: ProcessCost[] = [];
  for (let run = 0; run < runs; run++) {
    await rm(at('report'), { recursive: true, force: true });
    const cost = await costOf(command);
    if (!exitCodes.includes(cost.exitCode ?? -1)) throw new Error(`${command.join(' ')} ended with ${cost.exitCode}`);
    costs.push(cost);
  }
  return costs.reduce((least, cost) => (cost.cpuSeconds < least.cpuSeconds ? cost : least));
}

async function makeKeys(): Promise<ReturnType<typeof generateKeyPairSync>> {
  const pair = generateKeyPairSync('ed25519');
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await writeFile(at('key.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const key = { name: 'bench', key: pem, datasets: ['*'] };
  const approvers = [{ ...key, kinds: ['baseline'] }];
  const requireApproval = { baseline: {} };
  const trust = { version: 1, senders: [key], verifiers: [key], approvers, requireApproval, requireStatus: false };
  await writeFile(at('trust.json'), JSON.stringify(trust));
  return pair;
}

/** A scan by itself, and one that checks manifest and approval, signs its verdict and keeps an audit log. */
async function compareScans(): Promise<boolean> {
  const trusted = await rowsFolder(root, `trusted-${TRUSTED_ROWS}`, TRUSTED_ROWS);
  const batch = await rowsFolder(root, `batch-${rows}`, rows);
  const baseline = at('bench.taster');
  const once = [
    ['baseline', 'build', trusted, '--out', baseline, '--force', '--quiet'],
    ['sign', baseline, '--kind', 'baseline', '--dataset', 'bench', '--as', '1', '--key', at('key.pem')],
    ['manifest', 'create', batch, '--dataset', 'bench', '--key', at('key.pem'), '--out', at('manifest.json')],
  ];
  for (const command of once) await cheapest([...taster, ...command], [0]);
  const plain = [...taster, 'scan', batch, '--baseline', baseline, '--out', at('report'), '--quiet'];
  const proving = ['--manifest', at('manifest.json'), '--trust', at('trust.json'), '--dataset', 'bench'];
  const signing = ['--sign', at('key.pem'), '--audit', at('audit')];
  const alone = await cheapest(plain, [0, 1]);
  const proven = await cheapest([...plain, ...proving, ...signing], [0, 1]);
  const added = proven.cpuSeconds / alone.cpuSeconds - 1;
  console.log(`scan of ${rows} rows            ${costText(alone)}`);
  console.log(`with manifest, trust, verdict  ${costText(proven)}`);
  return line(`verification adds ${percent(added)}, at most ${percent(PROMISED_SHARE)}`, added <= PROMISED_SHARE);
}

function costText({ wallSeconds, cpuSeconds }: ProcessCost): string {
  return `${wallSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of CPU`;
}

/** The gate beside sha256sum, over the same bytes. */
async function compareGate({ privateKey }: Awaited<ReturnType<typeof makeKeys>>): Promise<boolean> {
  const folder = await randomFiles('gate', FILES, (megabytes * MB) / FILES);
  const names = (await readdir(folder)).sort();
  const shards = [];
  for (const name of names) {
    const sha256 = createHash('sha256')
      .update(await fileStore.read(join(folder, name)))
      .digest('hex');
    shards.push({ name, digest: { sha256 }, released: true });
  }
  const none = { decision: '0'.repeat(64), policy: '0'.repeat(64), baseline: null, contract: null };
  const verified = new Date();
  const verdict = verdictOf({
    ...{ dataset: 'bench', batch: 'gate', version: 'bench', verified, expires: new Date(verified.getTime() + 1e9) },
    ...{ mode: 'enforce', shards, rests: { ...none, manifest: null, trust: null } },
  });
  await writeFile(at('verdict.json'), envelopeText(seal(Buffer.from(JSON.stringify(verdict)), [privateKey])));
  const gate = await cheapest(
    [...taster, 'gate', folder, '--verdict', at('verdict.json'), '--trust', at('trust.json')],
    [0],
  );
  const sum = await cheapest(['sha256sum', ...names.map((name) => join(folder, name))], [0]);
  const share = sum.cpuSeconds / gate.cpuSeconds;
  console.log(`taster gate of ${megabytes} MB       ${costText(gate)}`);
  console.log(`sha256sum of the same          ${costText(sum)}`);
  return line(
    `the gate has ${percent(share)} of its speed, at least ${percent(PROMISED_SPEED)}`,
    share >= PROMISED_SPEED,
  );
}

/** One large file, hashed by parts. */
async function compareParts(): Promise<void> {
  const file = join(await randomFiles('large', 1, megabytes * MB), '0.bin');
  const cores = availableParallelism();
  for (const atOnce of new Set([1, cores])) {
    const seconds = [];
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      await hashParts(file, PART_BYTES, atOnce);
      seconds.push((performance.now() - started) / 1000);
    }
    const best = Math.min(...seconds);
    console.log(
      `${megabytes} MB in parts, ${atOnce} at a time   ${best.toFixed(2)} s, ${(megabytes / best).toFixed(0)} MB/s`,
    );
  }
}

/** Made once. */
async function randomFiles(name: string, count: number, bytes: number): Promise<string> {
  const folder = join(root, `${name}-${count}-${bytes}`);
  if (existsSync(folder)) return folder;
  await mkdir(folder, { recursive: true });
  const block = Buffer.alloc(MB);
  for (let index = 0; index < count; index++) {
    const file = await open(join(folder, `${index}.bin`), 'w');
    for (let written = 0; written < bytes; written += block.length) {
      await file.writeFile(randomFillSync(block).subarray(0, Math.min(block.length, bytes - written)));
    }
    await file.close();
  }
  return folder;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function line(what: string, holds: boolean): boolean {
  console.log(`${holds ? 'ok' : 'FAILED'}  ${what}`);
  return holds;
}

await rm(at(), { recursive: true, force: true });
await mkdir(at(), { recursive: true });
const keys = await makeKeys();
const held = [await compareScans(), await compareGate(keys)];
await compareParts();
process.exitCode = held.every((holds) => holds) ? 0 : 1;
