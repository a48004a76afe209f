import type { ScopeOutcome } from './families.js';

/** p-values of a scope's rows without those that named scopes explain. */
interface Retests {
  shardWithout(path: string, sources: ReadonlySet<string>): number;
  sourceWithout(name: string, shards: ReadonlySet<string>): number;
}

/**
 * Poison in one shard shows in every source that is mixed into it, and a bad source shows in every shard. The scope of
 * least p-value is named first; another one only if its rows outside of what is named still reject.
 */
export function attribute(
  shards: readonly ScopeOutcome[],
  sources: readonly ScopeOutcome[],
  { shardWithout, sourceWithout }: Retests,
): { shards: ScopeOutcome[]; sources: ScopeOutcome[] } {
  const named = { shards: new Set<string>(), sources: new Set<string>() };
  const cut = { shards: greatestRejected(shards), sources: greatestRejected(sources) };
  const candidates = [
    ...shards.map((outcome) => ({ ...outcome, isShard: true })),
    ...sources.map((outcome) => ({ ...outcome, isShard: false })),
  ].filter(({ rejected }) => rejected);
  candidates.sort((a, b) => a.pValue - b.pValue);
  for (const { subject, isShard } of candidates) {
    if (isShard) {
      if (named.sources.size === 0 || shardWithout(subject, named.sources) <= cut.shards) named.shards.add(subject);
    } else if (named.shards.size === 0 || sourceWithout(subject, named.shards) <= cut.sources) {
      named.sources.add(subject);
    }
  }
  const only = (outcomes: readonly ScopeOutcome[], subjects: ReadonlySet<string>) =>
    outcomes.map((outcome) => ({ ...outcome, rejected: subjects.has(outcome.subject) }));
  return { shards: only(shards, named.shards), sources: only(sources, named.sources) };
}

/** The greatest p-value that a family rejects. */
export function greatestRejected(outcomes: readonly ScopeOutcome[]): number {
  return outcomes.reduce((most, { rejected, pValue }) => (rejected ? Math.max(most, pValue) : most), 0);
}
