import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { messageOf } from '../src/errors.js';
import { findProgram, installed, isProgram, run } from './installed.js';
import { type ServerOptions, type ServerProcess, startServer } from './server-process.js';

const MODULE = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const remedy = 'Install Go 1.24 or later, so that it can be built from the Go module proxy.';

/** Building the server takes minutes, once. */
export const S3_START_MS = 900_000;

const root = dirname(createRequire(import.meta.url).resolve('#package'));
const cache = join(root, 'node_modules', '.cache', 'taster');
const binary = join(cache, 'versitygw-1.8.0');

interface S3Options extends ServerOptions {
  readonly logsRequests?: boolean;
  /** An address that is told of events; something has to answer there. */
  readonly eventsTo?: string;
}

const REQUESTS = 'requests.log';

export interface RunningS3 extends ServerProcess {
  readonly endpoint: string;
  /** The standard variables by which any client reaches it as its owner, whom no policy binds. */
  readonly variables: Readonly<Record<string, string>>;
  /** A client of its owner. */
  readonly client: S3Client;
  /** What it has been asked so far, a line for each, as access logs of S3 have them; only with `logsRequests`. */
  requests(): Promise<string[]>;
  /** Makes a bucket that keeps versions, unless `isVersioned` is false. */
  createBucket(name: string, isVersioned?: boolean): Promise<void>;
  putObject(bucket: string, key: string, content: Uint8Array): Promise<void>;
  hasObject(bucket: string, key: string): Promise<boolean>;
  /** Without the prefix, in code-unit order. */
  keysBelow(bucket: string, prefix: string): Promise<string[]>;
  /** Adds a user whom bucket policies bind; returns the variables by which a client is that user. */
  addUser(name: string): Promise<Readonly<Record<string, string>>>;
}

async function build(): Promise<void> {
  const go = findProgram('go', ['/usr/local/go/bin', join(homedir(), 'go', 'bin')]);
  if (go === undefined) throw new Error('there is no Go');
  const folder = join(cache, `build-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    await run(go, ['install', '-trimpath', '-ldflags', '-s -w', MODULE], { env: { ...process.env, GOBIN: folder } });
    await rename(join(folder, 'versitygw'), binary);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function variablesOf(endpoint: string, accessKey: string, secretKey: string) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    // What this machine's user has set up plays no part.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

/** A private S3 server that keeps versions, checks signatures and enforces policies; built first where it is missing. */
export async function startS3({ logsRequests = false, eventsTo, ...options }: S3Options = {}): Promise<RunningS3> {
  const find = () => (isProgram(binary) ? binary : undefined);
  const program = await installed(join(cache, 'versitygw.lock'), find, build).catch((cause: unknown) => {
    const why = messageOf(cause);
    throw new Error(`An S3 server is needed, and could not be built: ${why}. ${remedy}`, { cause });
  });
  if (program === undefined) throw new Error(`An S3 server is needed, and is missing. ${remedy}`);
  const [accessKey, secretKey] = ['owner', 'owner-secret'];
  const server = await startServer({
    ...options,
    name: 's3',
    program,
    parameters: (port, folder) => [
      ...['--port', `127.0.0.1:${port}`, '--access', accessKey, '--secret', secretKey, '--health', '/health'],
      ...['--iam-dir', join(folder, 'users'), '--iam-cache-disable', '--keep-alive', '--quiet'],
      ...(logsRequests ? ['--access-log', join(folder, REQUESTS)] : []),
      ...(eventsTo === undefined ? [] : ['--event-webhook-url', eventsTo]),
      ...['posix', '--versioning-dir', join(folder, 'versions'), join(folder, 'buckets')],
    ],
    prepare: async (folder) => {
      for (const part of ['users', 'versions', 'buckets']) await mkdir(join(folder, part));
    },
    isReady: answers,
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const addUser = async (name: string) => {
    const secret = `${name}-secret`;
    const owner = ['--access', accessKey, '--secret', secretKey, '--endpoint-url', endpoint];
    await run(program, ['admin', ...owner, 'create-user', '--access', name, '--secret', secret, '--role', 'user']);
    return variablesOf(endpoint, name, secret);
  };
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  const createBucket = async (name: string, isVersioned = true) => {
    await client.send(new CreateBucketCommand({ Bucket: name }));
    if (!isVersioned) return;
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
  };
  const putObject = async (Bucket: string, Key: string, Body: Uint8Array) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body }));
  };
  const hasObject = (Bucket: string, Key: string) =>
    client.send(new HeadObjectCommand({ Bucket, Key })).then(
      () => true,
      () => false,
    );
  const keysBelow = async (Bucket: string, Prefix: string) => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key = '' }) => Key.slice(Prefix.length)).sort();
  };
  const variables = variablesOf(endpoint, accessKey, secretKey);
  const requests = async () => (await readFile(join(server.folder, REQUESTS), 'utf8')).split('\n').slice(0, -1);
  return { ...server, endpoint, variables, client, requests, createBucket, putObject, hasObject, keysBelow, addUser };
}
