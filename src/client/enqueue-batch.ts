import { datasetOf, loadConfig, readEnvironment } from '../config/index.js';
import { BadInput } from '../errors.js';
import { openQueue } from '../queue/index.js';
import { requireRunning, scheduleArrival } from '../schedule/index.js';
import { anyStore } from '../store/index.js';

/** A batch that has been uploaded whole. */
export interface EnqueueRequest {
  /** Path of the configuration of the service. */
  readonly config: string;
  /** Name of a dataset of it. */
  readonly dataset: string;
  /** The folder below its incoming prefix. */
  readonly batch: string;
  /** Where the queue is; what TASTER_REDIS_URL says when left out. */
  readonly redisUrl?: string;
}

export interface EnqueuedBatch {
  readonly dataset: string;
  /** As verdicts name it: `monday`, or `monday~2` for what has come after an earlier seal. */
  readonly batch: string;
}

/**
 * Seals a batch as it is now and has workers judge it, as `taster enqueue` does. To do so twice does no harm.
 * @throws BadInput USAGE, CONFIG_INVALID, DATASET_UNKNOWN, DATASET_PAUSED, PATH_MISSING, BATCH_EMPTY where all of it is sealed;
 * Transient QUEUE_FAILED, READ_FAILED, WRITE_FAILED: the same call may succeed later
 */
export async function enqueueBatch(request: EnqueueRequest): Promise<EnqueuedBatch> {
  const config = loadConfig(request.config);
  const dataset = datasetOf(config, request.dataset);
  const url = request.redisUrl ?? readEnvironment().redisUrl;
  const queue = openQueue(url, { attempts: config.worker.attempts, waits: false });
  try {
    await requireRunning(anyStore, dataset);
    const arrival = { store: anyStore, queue, config };
    const batch = await scheduleArrival(arrival, dataset, request.batch, { isForced: true });
    if (batch === undefined) throw new BadInput('BATCH_EMPTY', { batch: request.batch });
    return { dataset: dataset.name, batch };
  } finally {
    await queue.close();
  }
}
