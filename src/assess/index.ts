export { assessShard } from './assess-shard.js';
export { assessAll } from './pool.js';
export type { DetectorRows, ShardAssessment } from './types.js';
