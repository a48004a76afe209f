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
export { settings } from './settings.js';
export { requiredNode, version } from './version.js';
