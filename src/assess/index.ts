export { assessShard } from './assess-shard.js';
export type { ChildLimits } from './child.js';
export { fetchRows, type WantedRows } from './fetch-rows.js';
export { itemFiles } from './item-store.js';
export { assessAll } from './pool.js';
export { assess } from './read-shard.js';
export { rowFiles } from './row-store.js';
export { sampleBatch } from './sample-batch.js';
export type { DetectorRows, Phase, ShardAssessment, ShardRows } from './types.js';
