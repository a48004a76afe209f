export type { FailedBatch } from './batches.js';
export type { AssessedJob, AssessJob, BatchJob, Fit, FittedJob, NoticeJob, ShardJob, SweepJob } from './jobs.js';
export { type JobCounts, type JobQueue, openQueue } from './queue.js';
export { type RedisState, redisState } from './redis-state.js';
export { type Assessed, type Digested, startWorkers, type Watcher } from './workers.js';
