import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';

/** What is made of one part; of the same data always the same. */
export type Work<Data, Result> = (data: Data, part: number) => Result;

/** What a thread that helps is given. */
interface Help<Data> {
  readonly data: Data;
  readonly parts: number;
  readonly board: Int32Array;
  readonly port: MessagePort;
}

interface Answer<Result> {
  readonly part: number;
  readonly result: Result;
}

/** Places of the board: the next part that nobody has taken, then what became of each part. */
const [NEXT, FIRST_PART] = [0, 1];
const [UNDONE, DONE, FAILED] = [0, 1, 2];
/** Of the longest part that this thread has done itself; beyond it, a helper is taken for dead. */
const PATIENCE = 5;
const LEAST_PATIENCE_MS = 5000;

/**
 * What `work` makes of each part, in order, as this thread alone would: parts are taken one after the other by as many
 * threads as there are cores, this one among them. The others run `entry`, which has to call helpWith with the same work.
 * This thread waits; what a helper does not come back with it does itself.
 */
export function shareWork<Data, Result>(
  entry: URL,
  data: Data,
  parts: number,
  work: Work<Data, Result>,
  threads = availableParallelism(),
): Result[] {
  const board = new Int32Array(new SharedArrayBuffer((FIRST_PART + parts) * Int32Array.BYTES_PER_ELEMENT));
  const helpers = Array.from({ length: Math.min(parts, threads) - 1 }, () =>
    startHelper(entry, { data, parts, board }),
  );
  try {
    const results = new Map<number, Result>();
    let patienceMs = LEAST_PATIENCE_MS;
    for (let part = takeNext(board); part < parts; part = takeNext(board)) {
      const began = performance.now();
      results.set(part, work(data, part));
      patienceMs = Math.max(patienceMs, PATIENCE * (performance.now() - began));
    }
    for (let part = 0; part < parts; part++) {
      if (!results.has(part) && isDoneWithin(board, part, patienceMs)) receiveAll<Result>(helpers, results);
      if (!results.has(part)) results.set(part, work(data, part));
    }
    return Array.from({ length: parts }, (_, part) => results.get(part) as Result);
  } finally {
    for (const { stop } of helpers) stop();
  }
}

/** Does, on a thread that helps, the next part as long as there is one. */
export function helpWith<Data, Result>(work: Work<Data, Result>): void {
  const { data, parts, board, port } = workerData as Help<Data>;
  for (let part = takeNext(board); part < parts; part = takeNext(board)) {
    try {
      port.postMessage({ part, result: work(data, part) } satisfies Answer<Result>);
      tell(board, part, DONE);
    } catch {
      // The thread that waits fails over it by itself.
      tell(board, part, FAILED);
    }
  }
}

interface Helper {
  readonly port: MessagePort;
  stop(): void;
}

function startHelper<Data>(entry: URL, help: Omit<Help<Data>, 'port'>): Helper {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(entry, { workerData: { ...help, port: port2 }, transferList: [port2] });
  // However it dies, its parts are done here.
  worker.on('error', () => {});
  worker.unref();
  const stop = () => {
    port1.close();
    void worker.terminate();
  };
  return { port: port1, stop };
}

function takeNext(board: Int32Array): number {
  return Atomics.add(board, NEXT, 1);
}

function tell(board: Int32Array, part: number, outcome: number): void {
  Atomics.store(board, FIRST_PART + part, outcome);
  Atomics.notify(board, FIRST_PART + part);
}

function isDoneWithin(board: Int32Array, part: number, patienceMs: number): boolean {
  Atomics.wait(board, FIRST_PART + part, UNDONE, patienceMs);
  return Atomics.load(board, FIRST_PART + part) === DONE;
}

function receiveAll<Result>(helpers: readonly Helper[], results: Map<number, Result>): void {
  for (const { port } of helpers) {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      const { part, result } = next.message as Answer<Result>;
      results.set(part, result);
    }
  }
}
