import type { Backend } from '../linear/index.js';
import {
  CLOCK_FACTOR,
  compiled,
  type Death,
  type Isolated,
  type ProcessLimits,
  startIsolated,
} from '../process/index.js';
import { unusable } from './files.js';
import type { Request } from './model-worker.js';
import type { ModelPin, ModelRows } from './types.js';

const ENTRY = compiled('model/model-worker.js');

/** A model in a process of its own, which is started when rows come. */
export class ModelProcess {
  #process: Isolated | undefined;

  constructor(
    readonly pin: ModelPin,
    readonly backend: Backend,
    readonly limits: ProcessLimits,
  ) {}

  /** @throws BadInput MODEL_UNUSABLE, MODEL_CHANGED */
  async predict(rows: ModelRows): Promise<ModelRows> {
    this.#process ??= await this.#load();
    return this.#ask<ModelRows>(this.#process, { predict: rows }, `over ${rows.rows} rows`);
  }

  async stop(): Promise<void> {
    const stopping = this.#process;
    this.#process = undefined;
    await stopping?.stop();
  }

  kill(): void {
    this.#process?.kill();
  }

  async #load(): Promise<Isolated> {
    const started = startIsolated(ENTRY);
    this.#process = started;
    await this.#ask<null>(started, { load: this.pin, backend: this.backend }, 'while it was loaded');
    return started;
  }

  async #ask<Result extends object | null>(asked: Isolated, request: Request, when: string): Promise<Result> {
    const result = await asked.ask<Result>(request, this.limits).catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    if (typeof result !== 'string') return result;
    await this.stop();
    throw unusable(this.pin.name, `${this.#explain(result)} ${when}`, 'Use a smaller model.');
  }

  #explain(death: Death): string {
    if (death === 'took too long')
      return `it took more than ${this.limits.seconds} s of processor time, or ${CLOCK_FACTOR * this.limits.seconds} s by the clock`;
    if (death === 'took too much memory') {
      return `it took more than ${Math.round(this.limits.memoryBytes / 2 ** 20)} MiB of memory`;
    }
    return 'its process died';
  }
}
