export { assessShard, unreadableShard } from './assess-shard.js';
export type { ChildLimits } from './child.js';
export { countApart } from './count-apart.js';
export { judgedShards } from './count-copies.js';
export { Crew, withCrew } from './crew.js';
export { type FetchJob, fetchRows, fetchTables } from './fetch-rows.js';
export { fitApart } from './fit-apart.js';
export { instructionFiles } from './instruction-files.js';
export { itemFiles } from './item-store.js';
export { mostSuspicious, suspicionOf, TIE_BREAK, WORST_ROWS } from './oddest-rows.js';
export { assessAll, processesFor, writeBaseline } from './pool.js';
export { assess, withoutPath } from './read-shard.js';
export { dropResult, packResult, unpackResult } from './result-bundle.js';
export { rowFiles } from './row-store.js';
export {
  type ChosenShard,
  chooseFrom,
  type DigestedShard,
  type Drawn,
  keyOf,
  SHARD_CHANGED,
  sampleBatch,
  sampleChosen,
  unsampled,
} from './sample-batch.js';
export { type Carriers, carrierTest, setAside } from './set-aside.js';
export type { SpectralSample } from './spectral-sample.js';
export { spectralFiles } from './spectral-store.js';
export type { WantedRows } from './take-wanted.js';
export type { DetectorRows, Phase, ShardAssessment, ShardRows } from './types.js';
export { type WarmAssessor, warmAssessor } from './warm-assessor.js';
