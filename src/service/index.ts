export { openEventQueue } from './event-queue.js';
export { countBatches } from './follow.js';
export { serveHttp } from './http.js';
export { openLog } from './log.js';
export { startMetrics, type WorkMeter } from './metrics.js';
export { notify } from './notify.js';
