export { forEach } from './each.js';
export { pauseOf, requireRunning, setPause } from './pause.js';
export { reconcile, rescan, scheduleArrival } from './schedule.js';
export { type BatchStatus, batchStatuses } from './status.js';
