export type { FailedBatch } from './batches.js';
export type { AssessedJob, AssessJob, BatchJob, SweepJob } from './jobs.js';
export { type JobCounts, type JobQueue, openQueue } from './queue.js';
export { type RedisState, redisState } from './redis-state.js';
export { type Assessed, startWorkers, type Watcher } from './workers.js';
