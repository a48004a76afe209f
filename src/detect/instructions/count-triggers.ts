import type { AnswerCounts, PromptTrigger } from './contract.js';
import { findPromptTriggers } from './find-triggers.js';
import { type InstructionShard, sampleInstructions } from './sample.js';
import { itemsOf } from './tokens.js';

/** A trigger with all its carriers. */
export interface PlantedTrigger extends Omit<PromptTrigger, 'isAnswer' | 'hash'> {
  /** Of all rows. */
  readonly counts: AnswerCounts;
  /** Path → rows that carry it, ascending. */
  readonly rows: ReadonlyMap<string, ReadonlySet<number>>;
}

/** What a batch of instructions has of triggers. Plain data. */
export interface PlantedTriggers {
  /** Items that were compared. */
  readonly tested: number;
  readonly triggers: readonly PlantedTrigger[];
}

/**
 * Looks for triggers in a sample of the rows, then for their carriers in all of them, in memory that does not grow
 * with the rows but for their digests. The outcome does not depend on the order of shards.
 */
export async function findPlantedTriggers(shards: readonly InstructionShard[]): Promise<PlantedTriggers> {
  const ordered = [...shards].sort((a, b) => (a.path < b.path ? -1 : 1));
  const { tested, triggers } = findPromptTriggers(await sampleInstructions(ordered));
  const counted = triggers.map((trigger) => ({
    trigger,
    counts: { carriers: 0, answering: 0, others: 0, othersAnswering: 0 },
    rows: new Map<string, Set<number>>(),
  }));
  if (counted.length > 0) for (const shard of ordered) await countShard(shard, counted);
  return {
    tested,
    triggers: counted.map(({ trigger: { text, answer, halves }, counts, rows }) => ({
      text,
      answer,
      halves,
      counts,
      rows,
    })),
  };
}

interface Counted {
  readonly trigger: PromptTrigger;
  readonly counts: { -readonly [Key in keyof AnswerCounts]: AnswerCounts[Key] };
  readonly rows: Map<string, Set<number>>;
}

async function countShard({ path, read }: InstructionShard, counted: readonly Counted[]): Promise<void> {
  let row = 0;
  for await (const chunk of read()) {
    for (const { prompts, response } of chunk) {
      const items = new Set(itemsOf(prompts));
      for (const { trigger, counts, rows } of counted) {
        const isAnswering = trigger.isAnswer(response);
        if (items.has(trigger.hash)) {
          counts.carriers++;
          if (isAnswering) counts.answering++;
          const own = rows.get(path);
          if (own === undefined) rows.set(path, new Set([row]));
          else own.add(row);
        } else {
          counts.others++;
          if (isAnswering) counts.othersAnswering++;
        }
      }
      row++;
    }
  }
}
