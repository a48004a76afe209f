export { assessShard } from './assess-shard.js';
export type { ChildLimits } from './child.js';
export { instructionFiles } from './instruction-files.js';
export { assessAll } from './pool.js';
export { assess } from './read-shard.js';
export { rowFiles } from './row-store.js';
export { sampleBatch } from './sample-batch.js';
export { type Carriers, setAside } from './set-aside.js';
export type { DetectorRows, Phase, ShardAssessment, ShardRows } from './types.js';
