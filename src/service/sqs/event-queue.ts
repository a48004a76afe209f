import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Dataset } from '../../config/index.js';
import { messageOf, Transient } from '../../errors.js';
import type { JobQueue } from '../../queue/index.js';
import { arrivalsIn, kindOf, parseMessage, queueSweeps } from '../events.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';

/** Where events of SQS come from and go to. */
export interface EventTaking {
  readonly queueUrl: string;
  readonly queue: Pick<JobQueue, 'addSweep'>;
  readonly datasets: Iterable<Dataset>;
  readonly metrics: Pick<Metrics, 'countEvents'>;
  readonly log: Pick<Log, 'info' | 'onTrouble'>;
}

/** Where neither the address nor AWS_REGION says it; servers of one's own take any. */
const DEFAULT_REGION = 'us-east-1';
/** The longest that SQS lets one wait, which costs the fewest requests. */
const WAIT_SECONDS = 20;
/** The most that SQS hands out at once. */
const MOST_MESSAGES = 10;
const AFTER_FAILURE_MS = 5_000;

/** A queue that answers. */
export interface EventQueue {
  /** Takes messages until `stopped`, and finishes those at hand; a queue that fails meanwhile is asked again. */
  take(stopped: AbortSignal): Promise<void>;
}

/**
 * Opens the queue. A message is deleted once what it tells of is queued, or where it is the store's test; what is not
 * understood is left to the queue, which hands it out again or to its dead-letter queue.
 * @throws Transient EVENTS_FAILED where it does not answer
 */
export async function openEventQueue(taking: EventTaking): Promise<EventQueue> {
  const { queueUrl, log } = taking;
  const client = await connect(queueUrl);
  try {
    const visibleAfterMs = await visibilityMs(client, queueUrl);
    return {
      take: async (stopped) => {
        while (!stopped.aborted) {
          await takeSome(client, taking, visibleAfterMs, stopped).catch(async (error: unknown) => {
            if (stopped.aborted) return;
            log.onTrouble('events cannot be taken, will be tried again', { error: saidBy(error) });
            await sleep(AFTER_FAILURE_MS, undefined, { signal: stopped }).catch(() => {});
          });
        }
        client.destroy();
      },
    };
  } catch (cause) {
    client.destroy();
    throw new Transient('EVENTS_FAILED', { queue: queueUrl, detail: saidBy(cause) }, cause);
  }
}

/** Of all that AWS lets one set, the server and region that the address names itself are left out. */
async function connect(queueUrl: string): Promise<SQSClient> {
  const { host, origin } = new URL(queueUrl);
  const named = /^sqs[.]([a-z0-9-]+)[.]amazonaws[.]com/.exec(host)?.[1];
  const region = named ?? (await new SQSClient({}).config.region().catch(() => DEFAULT_REGION));
  return new SQSClient({ region, endpoint: origin });
}

async function visibilityMs(client: SQSClient, QueueUrl: string): Promise<number> {
  const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] });
  const { Attributes } = await client.send(request);
  return Number(Attributes?.VisibilityTimeout ?? 30) * 1000;
}

async function takeSome(
  client: SQSClient,
  taking: EventTaking,
  visibleAfterMs: number,
  stopped: AbortSignal,
): Promise<void> {
  const { queueUrl: QueueUrl } = taking;
  const request = new ReceiveMessageCommand({
    QueueUrl,
    WaitTimeSeconds: WAIT_SECONDS,
    MaxNumberOfMessages: MOST_MESSAGES,
  });
  const { Messages = [] } = await client.send(request, { abortSignal: stopped });
  const open = new Set(Messages);
  const stopHiding = keepHidden(client, QueueUrl, open, visibleAfterMs);
  try {
    for (const message of Messages) {
      if (await isDone(taking, message)) {
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      }
      open.delete(message);
    }
  } finally {
    await stopHiding();
  }
}

/** True once nothing that a message says can be lost. @throws Transient QUEUE_FAILED */
async function isDone({ queue, datasets, metrics, log }: EventTaking, { MessageId, Body = '' }: Message) {
  const body = parseMessage(Body);
  const kind = kindOf(body);
  if (kind === 'unknown') {
    log.onTrouble('a message is no event that is known, and is left in its queue', { message: MessageId });
    return false;
  }
  const arrived = kind === 'test' ? [] : arrivalsIn(body, datasets);
  await queueSweeps(queue, arrived);
  metrics.countEvents(arrived.length);
  log.info('took an event', { message: MessageId, kind, arrived });
  return true;
}

/** Keeps messages at hand from being handed to others however long they take; ends with the returned function. */
function keepHidden(client: SQSClient, QueueUrl: string, open: ReadonlySet<Message>, visibleAfterMs: number) {
  const ended = new AbortController();
  const keeping = (async () => {
    while (!ended.signal.aborted) {
      await sleep(visibleAfterMs / 2, undefined, { signal: ended.signal }).catch(() => {});
      if (ended.signal.aborted) return;
      const Entries = [...open].map(({ ReceiptHandle }, number) => ({
        Id: `${number}`,
        ReceiptHandle,
        VisibilityTimeout: visibleAfterMs / 1000,
      }));
      // What is handed out twice does no harm.
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })).catch(() => {});
    }
  })();
  return () => {
    ended.abort();
    return keeping;
  };
}

/** Some errors of the client have but a name. */
function saidBy(error: unknown): string {
  return messageOf(error) || String(error);
}
