export { makeVerdict, verdictOf } from './make-verdict.js';
export { type GateOutcome, passGate, VERDICT_NAME } from './pass-gate.js';
