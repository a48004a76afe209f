export {
  type ContractBreach,
  checkContract,
  contractText,
  holds,
  inferContract,
  type PinnedContract,
  parseContract,
  requireAgreement,
} from './contract/index.js';
export { checkSchema, holdsSameKind, kindOf } from './schema.js';
