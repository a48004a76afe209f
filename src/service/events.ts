import type { Dataset } from '../config/index.js';
import type { JobQueue } from '../queue/index.js';

/** A folder in which something has arrived. */
export interface Arrived {
  readonly dataset: string;
  readonly folder: string;
}

/** Fewer than a queue would send at once; the rest is found by looking through. */
const MOST_RECORDS = 10_000;

/**
 * What a notification says has arrived: of AWS S3 and what speaks like it (MinIO, versitygw), of EventBridge, or our own
 * `{ dataset, folder }`. An event is a hint, so what it does not tell, or tells of other places, is left out.
 */
export function arrivalsIn(body: unknown, datasets: Iterable<Dataset>): Arrived[] {
  const all = [...datasets];
  const arrived = recordsIn(body).flatMap((record) => [...ownArrival(record, all), ...storeArrivals(record, all)]);
  return [...new Map(arrived.map((one) => [`${one.dataset}/${one.folder}`, one])).values()];
}

/** What a message is: told of, sent to try the way, or nothing that is known. */
export type MessageKind = 'event' | 'test' | 'unknown';

/** Knows notifications by their shape alone, whatever place they tell of. */
export function kindOf(body: unknown): MessageKind {
  if (valueAt(body, 'Event') === 's3:TestEvent') return 'test';
  const records = valueAt(body, 'Records');
  if (Array.isArray(records)) return records.some(isStoreRecord) ? 'event' : 'unknown';
  return isStoreRecord(body) || typeof valueAt(body, 'dataset') === 'string' ? 'event' : 'unknown';
}

function isStoreRecord(record: unknown): boolean {
  const place = valueAt(record, 's3') ?? valueAt(record, 'detail');
  return typeof valueAt(place, 'bucket', 'name') === 'string' && typeof valueAt(place, 'object', 'key') === 'string';
}

/** What a message says: JSON, in which a topic of SNS may have wrapped another. Undefined where it is none. */
export function parseMessage(text: string): unknown {
  const body = parseJson(text);
  const inner = valueAt(body, 'Type') === 'Notification' ? valueAt(body, 'Message') : undefined;
  return typeof inner === 'string' ? parseJson(inner) : body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Has what has arrived looked at. @throws Transient QUEUE_FAILED */
export async function queueSweeps(queue: Pick<JobQueue, 'addSweep'>, arrived: readonly Arrived[]): Promise<void> {
  for (const one of arrived) await queue.addSweep(one);
}

function recordsIn(body: unknown): unknown[] {
  const records = valueAt(body, 'Records');
  return Array.isArray(records) ? records.slice(0, MOST_RECORDS) : [body];
}

function ownArrival(record: unknown, datasets: readonly Dataset[]): Arrived[] {
  const [dataset, folder] = [valueAt(record, 'dataset'), valueAt(record, 'folder')];
  const isKnown = datasets.some(({ name }) => name === dataset);
  return isKnown && isFolder(folder) ? [{ dataset: String(dataset), folder }] : [];
}

function storeArrivals(record: unknown, datasets: readonly Dataset[]): Arrived[] {
  const place = valueAt(record, 's3') ?? valueAt(record, 'detail');
  const bucket = valueAt(place, 'bucket', 'name');
  const key = valueAt(place, 'object', 'key');
  if (typeof bucket !== 'string' || typeof key !== 'string') return [];
  return datasets.flatMap(({ name, incoming }) =>
    spellings(key).flatMap((spelled) => {
      const uri = `s3://${bucket}/${spelled}`;
      const [folder, ...rest] = uri.startsWith(`${incoming}/`) ? uri.slice(incoming.length + 1).split('/') : [];
      return rest.length > 0 && isFolder(folder) ? [{ dataset: name, folder }] : [];
    }),
  );
}

/** Some stores encode keys as forms do, some do not: what is not there under one spelling does no harm. */
function spellings(key: string): string[] {
  try {
    return [...new Set([key, decodeURIComponent(key.replaceAll('+', ' '))])];
  } catch {
    return [key];
  }
}

function isFolder(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && !/[/\\]|^\.\.?$/.test(name);
}

function valueAt(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  );
}
