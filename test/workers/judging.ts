import { findArrival, readSeal, sealArrival, storePlan } from '../../src/batch/index.js';
import { datasetOf, type ServiceConfig } from '../../src/config/index.js';
import { fileStore } from '../../src/store/index.js';
import { assessJob } from '../../workers/assess.js';
import { decideJob } from '../../workers/decide.js';
import { surroundingsIn } from './surroundings.js';

/** What workers do with a batch, without a queue. */
export interface Judging {
  /** Seals what has arrived in the folder of that name, assesses its shards and decides on it. */
  judge(config: ServiceConfig, dataset: string, batch: string): Promise<void>;
  stop(): Promise<void>;
}

export function openJudging(folder: string): Judging {
  const surroundings = surroundingsIn(folder);
  return {
    judge: async (config, name, batch) => {
      const around = { ...surroundings, config };
      const dataset = datasetOf(config, name);
      await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, batch));
      const plan = await storePlan(fileStore, dataset, 'wasm');
      const seal = await readSeal(fileStore, dataset.vault, batch);
      const job = { dataset: name, batch, plan };
      const done = await Promise.all((seal?.shards ?? []).map((shard) => assessJob(around, { ...job, shard })));
      await decideJob(around, job, { done, failureOf: () => undefined });
    },
    stop: () => surroundings.benches.stop(),
  };
}
