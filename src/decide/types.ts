/** What a decision is made of: data only, no host, time or absolute path. The truth is schemas/decision.schema.json. */
import type { PolicyFile, ShardLimits } from '../schema/index.js';

export type {
  Decision,
  ExcessRows,
  FamilyOutcome,
  Finding,
  FindingKind,
  FindingScope,
  MinimumDetectable,
  ShardDecision,
  SourceDecision,
} from '../schema/index.js';

/** A policy file with its defaults filled in. */
export type Policy = Required<Omit<PolicyFile, '$schema' | 'limits' | 'signerShare'>> & {
  readonly limits: Readonly<Required<ShardLimits>>;
};
