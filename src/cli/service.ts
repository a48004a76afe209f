import { Option } from 'commander';
import { type Environment, loadConfig, type ServiceConfig } from '../config/index.js';
import type { JobQueue } from '../queue/index.js';
import { anyStore, type ObjectStore } from '../store/index.js';

/** What commands about the service reach for. */
export interface Service {
  readonly store: ObjectStore;
  readonly config: ServiceConfig;
  readonly queue: JobQueue;
}

export interface ServiceFlags {
  readonly config: string;
}

export function configOption(): Option {
  return new Option('--config <file>', 'JSON: the datasets and where they lie').default('taster.config.json');
}

/** Runs `work` with the configured service; `waits` says whether to wait for a queue that does not answer, `signs` whether it signs verdicts. @throws BadInput CONFIG_INVALID, PATH_MISSING, and what `work` throws */
export async function withService<T>(
  { config: path }: ServiceFlags,
  { redisUrl }: Environment,
  work: (service: Service) => Promise<T>,
  { waits, signs }: { waits: boolean; signs?: boolean } = { waits: false },
): Promise<T> {
  const config = loadConfig(path, { signs: signs === true });
  // Loaded here: scans, which need no queue, start sooner.
  const { openQueue } = await import('../queue/index.js');
  const queue = openQueue(redisUrl, { attempts: config.worker.attempts, waits });
  try {
    return await work({ store: anyStore, config, queue });
  } finally {
    await queue.close();
  }
}
