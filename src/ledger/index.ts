export { type History, type PastBatch, readHistory } from './history.js';
export { recordBatch } from './record.js';
