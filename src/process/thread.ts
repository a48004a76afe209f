import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { describeFailure, recreateError } from './failure.js';
import type { Reply } from './isolated.js';

/** What the file answers on a thread of its own to a copy of `data`. @throws what was thrown there */
export async function askThread<Result>(entry: URL, data: unknown): Promise<Result> {
  const worker = new Worker(entry, { workerData: data });
  const [reply] = (await once(worker, 'message')) as [Reply<Result>];
  if ('result' in reply) return reply.result;
  throw 'failure' in reply ? recreateError(reply.failure) : new Error('a thread has not answered');
}

/** Answers, on a thread, what it was started to answer. */
export async function answerThread<Data>(answer: (data: Data) => unknown): Promise<void> {
  let reply: Reply<unknown>;
  try {
    reply = { result: await answer(workerData as Data) };
  } catch (error) {
    reply = { failure: describeFailure(error) };
  }
  parentPort?.postMessage(reply);
}
