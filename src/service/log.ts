import { type DestinationStream, pino } from 'pino';
import type { Watcher } from '../queue/index.js';

/** Names of a job and its shard; never what is in a row. */
function namesOf(data: object) {
  const { dataset, batch, plan, folder, shard } = data as {
    readonly dataset?: string;
    readonly batch?: string;
    readonly plan?: string;
    readonly folder?: string;
    readonly shard?: { readonly path: string };
  };
  return { dataset, batch, plan, folder, shard: shard?.path };
}

export interface Log extends Watcher {
  info(message: string, details?: object): void;
  onTrouble(message: string, details: object): void;
}

/** Writes a line of JSON for each thing that happens. */
export function openLog(destination: DestinationStream): Log {
  const logger = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    info: (message, details = {}) => logger.info(details, message),
    onTrouble: (message, details) => logger.warn(details, message),
    onDone: (stage, data, seconds) =>
      logger[stage === 'sweep' ? 'debug' : 'info']({ stage, ...namesOf(data), seconds }, 'done'),
    onFailed: (stage, data, error, isLast) => {
      const details = { stage, ...namesOf(data), error: error.message };
      if (isLast) logger.error(details, 'failed');
      else logger.warn(details, 'failed, will be tried again');
    },
    onLost: (error) => logger.warn({ error: error.message }, 'trouble with the queue'),
  };
}
