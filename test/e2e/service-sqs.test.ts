import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningSqs, SQS_START_MS, startSqs } from '../servers/sqs.js';
import { temporaryFolder } from '../temporary-folder.js';
import { outcomeOf, start } from './command.js';

const at = temporaryFolder();
const BUCKET = 'uploads';
const MOST_RECEIVED = 2;

let redis: RedisServer;
let sqs: RunningSqs;
let s3: S3Client;
let client: SQSClient;
let queueUrl: string;
let deadUrl: string;
let sweeps: Queue;
let stop: () => Promise<{ exitCode: number; stderr: string }>;

beforeAll(async () => {
  [redis, sqs] = await Promise.all([startRedis(), startSqs()]);
  const settings = {
    endpoint: sqs.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests-secret' },
  };
  s3 = new S3Client({ ...settings, forcePathStyle: true });
  client = new SQSClient(settings);
  sweeps = new Queue('taster-sweep', { connection: { url: redis.url } });
  // That Redis is gone is no news here.
  sweeps.on('error', () => {});
  deadUrl = await createQueue('dead');
  const deadLetterTargetArn = await attributeOf(deadUrl, 'QueueArn');
  queueUrl = await createQueue('events', {
    // Short, so that what is left in the queue comes again at once.
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MOST_RECEIVED }),
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const QueueArn = await attributeOf(queueUrl, 'QueueArn');
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*' as const] }] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: BUCKET, NotificationConfiguration }));
  const mail = { incoming: `s3://${BUCKET}/mail`, released: 'released', quarantine: 'quarantine', vault: 'vault' };
  writeFileSync(at('taster.config.json'), JSON.stringify({ events: { queueUrl }, datasets: { mail } }));
  // One service for all tests: the server goes on with the long poll of one that has gone, and hands it a message.
  const child = start(['serve', '--port', '0'], { cwd: at(), env: { ...sqs.variables, TASTER_REDIS_URL: redis.url } });
  const ended = outcomeOf(child);
  const [line] = (await once(child.stderr as Readable, 'data')) as [Buffer];
  expect(JSON.parse(String(line))).toMatchObject({ msg: 'listening', queueUrl });
  stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
}, SQS_START_MS);
afterAll(async () => {
  const outcome = await stop?.();
  await sweeps?.close();
  await Promise.all([redis?.stop(), sqs?.stop()]);
  expect(outcome).toMatchObject({ exitCode: 0 });
});

async function createQueue(QueueName: string, Attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
}

async function attributeOf(QueueUrl: string, name: QueueAttributeName): Promise<string> {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }));
  return Attributes?.[name] ?? '';
}

/** Messages that wait or are at somebody's hand. */
async function messagesIn(url: string): Promise<number> {
  const waiting = await attributeOf(url, 'ApproximateNumberOfMessages');
  return Number(waiting) + Number(await attributeOf(url, 'ApproximateNumberOfMessagesNotVisible'));
}

async function sweptFolders(): Promise<string[]> {
  const jobs = await sweeps.getJobs(['waiting']);
  return jobs.map(({ data }) => data.folder).sort();
}

const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'a,b\n1,2\n' }));
const soon = { timeout: 30_000, interval: 50 };

describe('events that come by SQS', () => {
  it('have the folders that they name looked at, and are gone then, as the test of the store is', async () => {
    await put('mail/monday/a.csv');
    await put('mail/two words é/b.csv');
    await put('elsewhere/tuesday/c.csv');
    await expect.poll(sweptFolders, soon).toEqual(expect.arrayContaining(['monday', 'two words é']));
    await expect.poll(() => messagesIn(queueUrl), soon).toBe(0);
    expect(await sweptFolders()).not.toContain('tuesday');
    expect(await messagesIn(deadUrl)).toBe(0);
  });

  it('that nobody understands end in the dead-letter queue, and keep no other from being taken', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'not JSON' }));
    await put('mail/wednesday/a.csv');
    await expect.poll(sweptFolders, soon).toContain('wednesday');
    await expect.poll(() => messagesIn(deadUrl), soon).toBe(1);
    expect(await messagesIn(queueUrl)).toBe(0);
  });

  it('are kept, and hidden from others, while what they tell of cannot be queued', async () => {
    await redis.kill();
    await put('mail/thursday/a.csv');
    await expect.poll(() => attributeOf(queueUrl, 'ApproximateNumberOfMessagesNotVisible'), soon).toBe('1');
    // Asked for longer than the queue hides what nobody keeps hidden.
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 3 }));
    expect(Messages).toEqual([]);
    await redis.restart();
    await expect.poll(sweptFolders, soon).toContain('thursday');
    await expect.poll(() => messagesIn(queueUrl), soon).toBe(0);
    expect(await messagesIn(deadUrl)).toBe(1);
  });
});

describe('a queue that does not answer', () => {
  it('keeps the service from starting, and says why', async () => {
    const config = { events: { queueUrl: `${queueUrl}-none` }, datasets: {} as Record<string, object> };
    config.datasets['mail'] = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
    writeFileSync(at('other.json'), JSON.stringify(config));
    const env = { ...sqs.variables, TASTER_REDIS_URL: redis.url };
    const { exitCode, stderr } = await outcomeOf(
      start(['serve', '--config', 'other.json', '--port', '0'], { cwd: at(), env }),
    );
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('events cannot be taken from there')]);
  });
});
