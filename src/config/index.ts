export { loadContract } from './contract.js';
export {
  type BackendChoice,
  backends,
  type Environment,
  mostProcesses,
  parseProcesses,
  readEnvironment,
  type Variables,
} from './environment.js';
export { loadPolicy } from './policy.js';
export { quietTensorflow } from './quiet-tensorflow.js';
export { version } from './version.js';
