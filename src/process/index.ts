export { answerRequests, signOfLife } from './answer.js';
export { type Death, type Isolated, type ProcessLimits, startIsolated } from './isolated.js';
export { TENSORFLOW_ENVIRONMENT } from './tensorflow-environment.js';
