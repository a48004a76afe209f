export { fileStore } from './file.js';
export type { ObjectStore } from './object-store.js';
export { withScratch } from './scratch.js';
export { orWriteFailed } from './write-failure.js';
