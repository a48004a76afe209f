export { forEach } from './each.js';
export { pauseOf, requireRunning, setPause } from './pause.js';
export { currentPlan, reconcile, rescan, rescanSettled, scheduleArrival, sweepIncoming } from './schedule.js';
export { type BatchStatus, batchStatuses } from './status.js';
export { type SweptNotes, sweptNotes } from './swept.js';
