import { readFile } from 'node:fs/promises';
import { cpuSecondsOf } from './process-tree.js';

/** In the order in which a batch goes through them. */
const stages = ['assess', 'decide', 'enforce'] as const;

/** What one stage of a batch has taken. */
export interface StageCost {
  readonly stage: (typeof stages)[number];
  readonly wallSeconds: number;
  /** Processor time of each group of processes. */
  readonly cpuSeconds: readonly number[];
}

interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cpuSeconds: readonly number[];
}

const SAMPLE_MS = 100;

/** Follows what groups of processes take, until the answer is called: with the logs of the workers, it says what each stage of a batch took. */
export function watchStages(groups: readonly (readonly number[])[]) {
  const samples: Sample[] = [];
  const look = () => {
    const cpuSeconds = groups.map((pids) => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0));
    samples.push({ at: Date.now(), cpuSeconds });
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  return async (logs: readonly string[], batch: string): Promise<StageCost[]> => {
    clearInterval(timer);
    look();
    const ends = await stageEnds(logs, batch);
    let from = samples[0] as Sample;
    return stages.map((stage) => {
      const to = samples.find(({ at }) => at >= (ends.get(stage) ?? 0)) ?? (samples.at(-1) as Sample);
      const cpuSeconds = to.cpuSeconds.map((seconds, group) => seconds - (from.cpuSeconds[group] ?? 0));
      const wallSeconds = (to.at - from.at) / 1000;
      from = to;
      return { stage, wallSeconds, cpuSeconds };
    });
  };
}

/** When the last job of each stage of a batch was done. */
async function stageEnds(logs: readonly string[], of: string): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  for (const log of logs) {
    for (const line of (await readFile(log, 'utf8')).split('\n').filter((text) => text.startsWith('{'))) {
      const { msg, stage, batch, time } = JSON.parse(line) as Readonly<Record<string, string>>;
      if (msg !== 'done' || batch !== of || stage === undefined || time === undefined) continue;
      ends.set(stage, Math.max(ends.get(stage) ?? 0, Date.parse(time)));
    }
  }
  return ends;
}
