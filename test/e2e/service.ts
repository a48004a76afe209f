import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Dirent, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import type { RedisServer } from '../../servers/redis.js';
import type { RunningS3 } from '../../servers/s3.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { outcomeOf, run, start } from './command.js';

const digits = fileURLToPath(new URL('../../datasets/digits', import.meta.url));

type Files = Readonly<Record<string, string | Uint8Array>>;

/** The demo's shards by name; all of them when none are named. */
export function digitShards(names: readonly string[] = readdirSync(join(digits, 'incoming'))): Files {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(digits, 'incoming', name))]));
}

/** A service whose trusted rows are a table, in two folders below one. */
export async function makeTabularService(
  inFolder: (path: string) => string,
  redis: RedisServer,
  settings: Omit<Settings, 'trusted'> = {},
): Promise<TestService> {
  await writeFiles(inFolder('trusted'), { 'rows.csv': tabularCsv('trusted', 600) });
  return makeService(inFolder('service'), redis, { trusted: inFolder('trusted'), ...settings });
}

/** The roots of a dataset in a bucket. */
export function rootsIn(bucket: string): Readonly<Record<string, string>> {
  return rootsBelow(`s3://${bucket}`);
}

/** The same below a folder, or whatever has an address. */
export function rootsBelow(address: string): Readonly<Record<string, string>> {
  const roots = ['incoming', 'released', 'quarantine', 'vault'];
  return Object.fromEntries(roots.map((root) => [root, `${address}/${root}`]));
}

/** Lets users who are called as their roles do what the command says that these need, and nothing else. */
export async function bindRoles(
  { client }: Pick<RunningS3, 'client'>,
  bucket: string,
  service: Pick<TestService, 'taster'>,
  roles: readonly string[],
): Promise<void> {
  const { stdout } = await service.taster('policy', 'iam');
  const policies = JSON.parse(stdout) as Record<string, { Statement: { Sid: string }[] }>;
  // Once for all whom it lets do the same: the server keeps a policy in an attribute of a file, and that is 4 kB at most.
  const principals = new Map<string, string[]>();
  for (const role of roles) {
    for (const { Sid: _, ...statement } of policies[role]?.Statement ?? []) {
      const text = JSON.stringify(statement);
      principals.set(text, [...(principals.get(text) ?? []), role]);
    }
  }
  const Statement = [...principals].map(([text, AWS]) => ({ ...JSON.parse(text), Principal: { AWS } }));
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
}

/** A service over folders: its files, and its commands run as a user would. */
export interface TestService {
  readonly at: (...parts: string[]) => string;
  upload(batch: string, files: Files): void;
  taster(...argv: string[]): ReturnType<typeof run>;
  startWorker(...argv: readonly string[]): ChildProcess;
  /** Starts `taster serve`; `stop` gives its exit code. */
  serve(token: string): Promise<{ readonly address: string; stop(): Promise<number> }>;
  /** Ends them as SIGTERM does and gives their exit codes. */
  stopWorkers(): Promise<number[]>;
  /** What the verdict on a batch says of its shards. */
  verdict(batch: string, number?: number): Told;
  /** Waits until the batch has so many verdicts and is settled. */
  settled(batch: string, number?: number, longestMs?: number): Promise<Told>;
  /** Text of the one decision file of that name that the vault holds. */
  decided(batch: string, name: string): Buffer;
}

/** What a verdict says, signed or not. */
export function toldIn(verdict: Uint8Array): Told {
  const written = JSON.parse(String(verdict));
  const text = 'payload' in written ? String(Buffer.from(written.payload, 'base64')) : JSON.stringify(written);
  const { predicate } = JSON.parse(text) as VerdictStatement;
  const pathsOf = (isReleased: boolean) =>
    predicate.shards.filter(({ released }) => released === isReleased).map(({ name }) => name);
  return { decision: predicate.rests.decision, released: pathsOf(true), held: pathsOf(false) };
}

export interface Told {
  readonly decision: string;
  readonly released: readonly string[];
  readonly held: readonly string[];
}

export interface Settings {
  /** File or folder of trusted rows; the demo's when left out. */
  readonly trusted?: string;
  readonly dataset?: Readonly<Record<string, unknown>>;
  /** Environment variables of its commands. */
  readonly env?: Readonly<Record<string, string>>;
  readonly worker?: Readonly<Record<string, unknown>>;
  /** Content of policy.json, which the dataset may name. */
  readonly policy?: Readonly<Record<string, unknown>>;
}

/** Fast enough for tests: a killed worker's job is taken up after a second. */
const WORKER = { lockSeconds: 1, sweepSeconds: 1, attempts: 3 };

/** Builds the baseline and configures a service in an empty folder. */
export async function makeService(
  folder: string,
  redis: RedisServer,
  { trusted = join(digits, 'trusted'), dataset = {}, worker = {}, env = {}, policy = {} }: Settings = {},
): Promise<TestService> {
  const at = (...parts: string[]) => join(folder, ...parts);
  mkdirSync(at('in'), { recursive: true });
  const built = await run(['baseline', 'build', trusted, '--out', at('trusted.taster'), '--quiet']);
  if (built.exitCode !== 0) throw new Error(built.stderr);
  const roots = { incoming: 'in', released: 'out/released', quarantine: 'out/quarantine', vault: 'vault' };
  const settings = { ...roots, baseline: 'trusted.taster', mode: 'enforce', quietSeconds: 3600, ...dataset };
  const config = { worker: { ...WORKER, ...worker }, datasets: { digits: settings } };
  writeFileSync(at('policy.json'), JSON.stringify(policy));
  writeFileSync(at('taster.config.json'), JSON.stringify(config));
  const surroundings = { cwd: folder, env: { ...env, TASTER_REDIS_URL: redis.url } };
  const workers = new Set<ChildProcess>();
  const verdictPath = (batch: string, number: number) =>
    at('out/released', batch, number === 1 ? 'verdict.json' : `_verdict-${number}.json`);
  const verdict = (batch: string, number = 1) => toldIn(readFileSync(verdictPath(batch, number)));
  const lastRecord = (batch: string) => {
    const records = at('vault/batches', batch, 'records');
    const last =
      readdirSync(records)
        .filter((name) => !name.startsWith('.'))
        .sort()
        .at(-1) ?? '';
    return JSON.parse(readFileSync(join(records, last), 'utf8')).kind;
  };
  return {
    at,
    upload: (batch, files) => {
      mkdirSync(at('in', batch), { recursive: true });
      for (const [name, content] of Object.entries(files)) writeFileSync(at('in', batch, name), content);
    },
    taster: (...argv) => run(argv, surroundings),
    startWorker: (...argv) => {
      const child = start(['worker', ...argv], surroundings);
      workers.add(child);
      child.once('exit', () => workers.delete(child));
      return child;
    },
    serve: async (token) => {
      const own = { ...surroundings.env, TASTER_EVENTS_TOKEN: token };
      const child = start(['serve', '--port', '0'], { ...surroundings, env: own });
      const [line] = (await once(child.stderr as Readable, 'data')) as [Buffer];
      const stop = async () => {
        const outcome = outcomeOf(child);
        child.kill('SIGTERM');
        return (await outcome).exitCode;
      };
      return { address: JSON.parse(String(line)).address, stop };
    },
    stopWorkers: () => {
      const ended = [...workers].map(async (child) => {
        const outcome = outcomeOf(child);
        child.kill('SIGTERM');
        return (await outcome).exitCode;
      });
      return Promise.all(ended);
    },
    verdict,
    settled: async (batch, number = 1, longestMs = LONGEST_MS) => {
      await until(() => existsSync(verdictPath(batch, number)) && lastRecord(batch) === 'settled', longestMs);
      return verdict(batch, number);
    },
    decided: (batch, name) => {
      const decisions = at('vault/batches', batch, 'decisions');
      const [decision = '', ...others] = readdirSync(decisions);
      if (others.length > 0) throw new Error(`several decisions on ${batch}`);
      return readFileSync(join(decisions, decision, name));
    },
  };
}

/** As long as a test may take that waits for one thing after another, or for a machine that does much else. */
export const LONG_MS = 1_200_000;
const LONGEST_MS = 90_000;

/** Waits for something that another process does. */
export async function until(isSo: () => boolean | Promise<boolean>, longestMs = LONGEST_MS): Promise<void> {
  for (const end = Date.now() + longestMs; !(await isSo()); await sleep(20)) {
    if (Date.now() > end) throw new Error(`waited in vain for ${isSo}`);
  }
}

/** What lies at any depth of a folder; none where it is not there. Read again where a part of it goes meanwhile. */
export function entriesIn(folder: string): Dirent[] {
  for (;;) {
    if (!existsSync(folder)) return [];
    try {
      return readdirSync(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
