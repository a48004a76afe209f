import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { describeFailure, recreateError } from './failure.js';
import type { Reply } from './isolated.js';

/** A thread that has begun its work and is asked one question about it. */
export interface Thread {
  /** @throws what was thrown there */
  ask<Result>(question: unknown): Promise<Result>;
  stop(): Promise<void>;
}

/** Starts the file on a thread of its own, with a copy of `data`. */
export function startThread(entry: URL, data: unknown): Thread {
  const worker = new Worker(entry, { workerData: data });
  const replied = once(worker, 'message') as Promise<[Reply<unknown>]>;
  // Whoever asks hears of a failure; nobody may.
  replied.catch(() => {});
  return {
    ask: async <Result>(question: unknown) => {
      worker.postMessage(question);
      const [reply] = await replied;
      if ('result' in reply) return reply.result as Result;
      throw 'failure' in reply ? recreateError(reply.failure) : new Error('a thread has not answered');
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}

/** Does, on a thread, what comes before its question, and answers that. */
export function answerThread<Data, Question>(begin: (data: Data) => (question: Question) => unknown): void {
  const begun = attempt(() => begin(workerData as Data));
  parentPort?.once('message', (question: Question) => {
    const reply = 'failure' in begun ? begun : attempt(() => begun.result(question));
    parentPort?.postMessage(reply satisfies Reply<unknown>);
  });
}

function attempt<Result>(
  work: () => Result,
): { readonly result: Result } | Extract<Reply<Result>, { failure: unknown }> {
  try {
    return { result: work() };
  } catch (error) {
    return { failure: describeFailure(error) };
  }
}
