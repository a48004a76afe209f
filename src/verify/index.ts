export {
  type ApprovalDemand,
  readApproval,
  requireApproval,
  requireApprovedBaseline,
} from './approval.js';
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
export {
  type ArrivedShard,
  type BesideShards,
  checkProvenance,
  type GivenManifest,
  jointSigner,
  MANIFEST_NAME,
  makeManifest,
  modelSigningStatement,
  openManifest,
  type ProvenanceFault,
  type SentShard,
  setAsideIgnored,
} from './manifest/index.js';
export { checkSchema, holdsSameKind, kindOf } from './schema.js';
