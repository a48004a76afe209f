export { assess } from './read-shard.js';
export type { DetectorRows, ShardAssessment } from './types.js';
