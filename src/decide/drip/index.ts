export { betAndTest, type DripOutcome } from './drip.js';
export { condemnedByDrip, nameDrips } from './findings.js';
