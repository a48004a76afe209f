export {
  type ApprovalDemand,
  approvalRemedy,
  readApproval,
  requireApproval,
  requireApprovedBaseline,
} from './approval.js';
export {
  areBeyond,
  type ContractBreach,
  checkContract,
  contractText,
  greatestShare,
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
  requireNamedDataset,
  type SentShard,
  setAsideIgnored,
} from './manifest/index.js';
export { checkSchema, holdsSameKind, kindOf } from './schema.js';
