export { BadInput, Transient } from '../errors.js';
export { type EnqueuedBatch, type EnqueueRequest, enqueueBatch } from './enqueue-batch.js';
export { type ReleasedRequest, type ReleasedShard, released } from './released.js';
