export type { FileDemand } from './approved-file.js';
export { loadContract, requireNoContract } from './contract.js';
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
export { quietAwsSdk } from './quiet-aws-sdk.js';
export { type Dataset, datasetOf, loadConfig, type ServiceConfig } from './service-config.js';
export { settings } from './settings.js';
export { settleTensorflow } from './settle-tensorflow.js';
export { loadSigningKey, loadTrust } from './trust.js';
export { requiredNode, version } from './version.js';
