export { assessShard } from './assess-shard.js';
export { assess } from './read-shard.js';
export type { DetectorRows, ShardAssessment } from './types.js';
