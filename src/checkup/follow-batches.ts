import { entriesAfter } from '../audit/index.js';
import { below, currentJudgement, readRecords } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { readDecision, standings } from '../enforce/index.js';
import type { AuditEntry, Decision } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

/** What has happened to a batch. */
export type BatchEvent =
  | ({ readonly kind: 'decision' } & DecisionSummary)
  | { readonly kind: 'review'; readonly action: string; readonly secondsSinceDecision: number };

/** A decision in numbers, however many shards it is about. */
interface DecisionSummary extends Pick<Decision, 'mode' | 'verdict' | 'families'> {
  readonly shards: readonly Counted<Pick<Decision['shards'][number], 'verdict' | 'released'>>[];
  readonly findings: readonly Counted<Pick<Decision['findings'][number], 'kind' | 'holds'>>[];
}

type Counted<Of> = Of & { readonly count: number };

/** What waits for a reviewer. */
export interface Waiting {
  readonly shards: number;
  /** When the oldest of them was decided on, in ms since 1970; null where nothing waits. */
  readonly since: number | null;
}

export interface Following {
  /** Some of what has happened since it was last asked; nothing once all is told. @throws BadInput AUDIT_BROKEN, RECORD_DAMAGED; Transient READ_FAILED */
  next(): Promise<BatchEvent[]>;
  /** As of what `next` has told. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
  waiting(): Promise<Waiting>;
}

/**
 * Follows what the audit log of a dataset says of its batches from its beginning, whoever has done it and wherever. What is
 * read once is not read again: with nothing new it costs one request.
 */
export function followBatches(store: ObjectStore, { vault, approvals }: Dataset): Following {
  let sequence = 0;
  /** Batch and decision → when it was made. */
  const decidedAt = new Map<string, number>();
  const held = new Map<string, { readonly shards: number; readonly since: number }>();
  /** An act is written down before it counts: batches are looked at now, and once more the next time. */
  const touched = new Set<string>();
  let lately = new Set<string>();
  const readWith = async (entry: AuditEntry) => {
    const { event, batch, facts } = entry;
    if (event !== 'decision' || batch === null) return { entry, decision: null };
    return { entry, decision: summaryOf(await readDecision(store, vault, batch.name, String(facts['decision']))) };
  };
  const eventOf = ({
    entry: { event, batch, time, facts },
    decision,
  }: Awaited<ReturnType<typeof readWith>>): BatchEvent[] => {
    if (batch === null) return [];
    const [key, now] = [keyOf(batch.name, String(facts['decision'])), Date.parse(time)];
    const since = decidedAt.get(key);
    if (event === 'review') {
      return [{ kind: event, action: String(facts['action']), secondsSinceDecision: (now - (since ?? now)) / 1000 }];
    }
    // A worker that is killed may have it written down twice.
    if (decision === null || since !== undefined) return [];
    decidedAt.set(key, now);
    return [{ kind: 'decision', ...decision }];
  };
  const lookAt = async (batch: string) => {
    const records = await readRecords(store, vault, batch);
    const shards = standings(records, approvals).filter(({ standing }) => standing === 'held').length;
    const since = decidedAt.get(keyOf(batch, currentJudgement(records)?.decision ?? ''));
    if (shards === 0 || since === undefined) held.delete(batch);
    else held.set(batch, { shards, since });
  };
  return {
    next: async () => {
      const entries = await entriesAfter(store, below(vault, 'audit'), sequence);
      const read = await Promise.all(entries.map(readWith));
      const told = read.flatMap(eventOf);
      sequence += entries.length;
      for (const { batch } of entries) if (batch !== null) touched.add(batch.name);
      return told;
    },
    waiting: async () => {
      const looked = new Set([...touched, ...lately]);
      await Promise.all([...looked].map(lookAt));
      lately = new Set(touched);
      touched.clear();
      return {
        shards: [...held.values()].reduce((sum, { shards }) => sum + shards, 0),
        since: held.size === 0 ? null : Math.min(...[...held.values()].map(({ since }) => since)),
      };
    },
  };
}

function summaryOf({ mode, verdict, families, shards, findings }: Decision): DecisionSummary {
  return {
    ...{ mode, verdict, families },
    shards: countAlike(shards.map(({ verdict, released }) => ({ verdict, released }))),
    findings: countAlike(findings.map(({ kind, holds }) => ({ kind, holds }))),
  };
}

function countAlike<Of extends object>(all: readonly Of[]): Counted<Of>[] {
  const alike = new Map<string, { readonly of: Of; count: number }>();
  for (const of of all) {
    const key = JSON.stringify(of);
    const known = alike.get(key) ?? { of, count: 0 };
    alike.set(key, known);
    known.count++;
  }
  return [...alike.values()].map(({ of, count }) => ({ ...of, count }));
}

function keyOf(batch: string, decision: string): string {
  return `${decision} ${batch}`;
}
