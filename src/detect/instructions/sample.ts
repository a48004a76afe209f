import { hashText, joinHalves } from '../../encode/index.js';
import { CountingFilter } from '../ledger/counting-filter.js';
import { LEAST_CARRIERS } from './candidates.js';
import type { Instruction } from './contract.js';
import { wordsOf } from './tokens.js';

/** A shard whose rows are read when they are wanted, a chunk after the other. */
export interface InstructionShard {
  readonly path: string;
  read(): AsyncGenerator<readonly Instruction[]>;
}

/** So many distinct rows, and so many characters, are looked at for candidates. */
const MOST_ROWS = 20_000;
const MOST_CHARACTERS = 2 ** 25;
/** Rows whose response is that of several others go first, in up to this part of the sample. */
const REPEATED_PART = 0.5;

/** What is known of each row before any is chosen. */
interface Survey {
  readonly digests: number[];
  readonly answers: number[];
  readonly sizes: number[];
}

/**
 * Distinct rows, chosen and ordered by their digests: the same ones however they are spread over shards. In a large
 * batch those with repeated responses go first; prompts have no say in that, so that what prompts and responses have
 * to do with one another is in the sample as it is in the batch.
 */
export async function sampleInstructions(shards: readonly InstructionShard[]): Promise<readonly Instruction[]> {
  const chosen = chooseDigests(await survey(shards));
  const found = new Map<number, Instruction>();
  for (const { read } of shards) {
    for await (const chunk of read()) {
      for (const row of chunk) {
        const digest = digestOf(row);
        if (chosen.has(digest) && !found.has(digest)) found.set(digest, row);
      }
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, row]) => row);
}

async function survey(shards: readonly InstructionShard[]): Promise<Survey> {
  const [digests, answers, sizes]: [number[], number[], number[]] = [[], [], []];
  for (const { read } of shards) {
    for await (const chunk of read()) {
      for (const row of chunk) {
        digests.push(digestOf(row));
        answers.push(wideHash(wordsOf(row.response).join(' ')));
        sizes.push(row.prompts.reduce((sum, { length }) => sum + length, row.response.length));
      }
    }
  }
  return { digests, answers, sizes };
}

function chooseDigests({ digests, answers, sizes }: Survey): ReadonlySet<number> {
  const filter = new CountingFilter(answers.length);
  filter.addAll(Float64Array.from(answers));
  const order = Uint32Array.from(digests.keys()).sort((a, b) => (digests[a] as number) - (digests[b] as number));
  const repeated = order.filter((row) => filter.count(answers[row] as number) >= LEAST_CARRIERS);
  const chosen = new Set<number>();
  let characters = 0;
  const take = (rows: Uint32Array, part: number) => {
    for (const row of rows) {
      if (chosen.size >= part * MOST_ROWS || characters >= part * MOST_CHARACTERS) return;
      const digest = digests[row] as number;
      if (!chosen.has(digest)) characters += sizes[row] as number;
      chosen.add(digest);
    }
  };
  take(repeated, REPEATED_PART);
  take(order, 1);
  return chosen;
}

function digestOf({ prompts, response }: Instruction): number {
  return wideHash([...prompts, response].join('\u0000'));
}

/** 52 bits. */
function wideHash(text: string): number {
  return joinHalves(hashText(text, 3), hashText(text, 4));
}
