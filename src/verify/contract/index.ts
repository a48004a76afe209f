export { requireAgreement } from './agree.js';
export { areBeyond, greatestShare } from './binomial.js';
export { checkContract, holds } from './check.js';
export { inferContract } from './infer.js';
export { parseContract } from './pin.js';
export { contractText } from './text.js';
export type { ContractBreach, PinnedContract } from './types.js';
