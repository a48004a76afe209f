export { fileStore } from './file.js';
export type { ObjectStore, StoredObject } from './object-store.js';
