export { answerRequests, startClock } from './answer.js';
export { compiled } from './compiled.js';
export { CLOCK_FACTOR, type Death, type Isolated, type ProcessLimits, type Spent, startIsolated } from './isolated.js';
export { helpWith, shareWork } from './shared-work.js';
export { TENSORFLOW_ENVIRONMENT } from './tensorflow-environment.js';
export { answerThread, startThread } from './thread.js';
