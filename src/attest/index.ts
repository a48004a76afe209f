export {
  APPROVAL_ENDING,
  type Approval,
  type ApprovalMend,
  approvalPayload,
  checkApproval,
  countedSigners,
  type GivenApproval,
  openApproval,
  signedBy,
} from './approval.js';
export { bundleText, openBundle } from './bundle.js';
export { readCertificate } from './certificates.js';
export {
  type Anchor,
  envelopeText,
  openEnvelope,
  type SignedBy,
  type SignedPayload,
  seal,
  signaturesOf,
  signersOf,
} from './envelope.js';
export { keyIdOf, readPrivateKey, readPublicKey } from './keys.js';
export { covers } from './names.js';
export { parseJson } from './parse-json.js';
export { publicKeyOf, type SigningKey } from './signing-key.js';
export { readTrustedRoot } from './sigstore.js';
export { type Trust, type TrustedKey, weighSigners } from './trust.js';
