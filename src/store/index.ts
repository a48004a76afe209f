export { anyStore, isShared } from './any-store.js';
export { fileStore } from './file.js';
export { stateOf } from './folder-state.js';
export type { FolderState, ObjectStore, StoredObject } from './object-store.js';
export { isETag, isS3Uri } from './s3-uri.js';
export { createFile, saveFile } from './save.js';
export { leaveSignals, openScratch, type Scratch, withScratch } from './scratch.js';
export { sha256Of, sha256OfAll } from './sha256.js';
export { orWriteFailed } from './write-failure.js';
