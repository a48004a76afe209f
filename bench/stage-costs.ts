import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
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

const SAMPLE_MS = 500;
const MOST_LOOKS = 100;

/** Follows what groups of processes take, until the answer is called: with the logs of the workers, it says what each stage of a batch took. */
export function watchStages(groups: readonly (readonly number[])[]) {
  const samples: Sample[] = [];
  const look = () => {
    const cpuSeconds = groups.map((pids) => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0));
    samples.push({ at: Date.now(), cpuSeconds });
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  // Where it is never asked for, that keeps nothing waiting.
  timer.unref();
  return async (logs: readonly string[], batch: string): Promise<StageCost[]> => {
    clearInterval(timer);
    look();
    const ends = await allEnds(logs, batch);
    let from = samples[0] as Sample;
    return stages.map((stage) => {
      const to = samples.find(({ at }) => at >= (ends.get(stage) as number)) ?? (samples.at(-1) as Sample);
      const cpuSeconds = to.cpuSeconds.map((seconds, group) => seconds - (from.cpuSeconds[group] ?? 0));
      const wallSeconds = (to.at - from.at) / 1000;
      from = to;
      return { stage, wallSeconds, cpuSeconds };
    });
  };
}

/** A worker logs a little later what it has done than others see it. */
async function allEnds(logs: readonly string[], of: string): Promise<ReadonlyMap<string, number>> {
  for (let look = 0; look < MOST_LOOKS; look++, await sleep(SAMPLE_MS)) {
    const ends = await stageEnds(logs, of);
    if (ends.size === stages.length) return ends;
  }
  throw new Error(`no worker has logged that ${of} is through all of ${stages.join(', ')}`);
}

/** When the last job of each stage of a batch was done. */
async function stageEnds(logs: readonly string[], of: string): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  for (const log of logs) {
    // The last one may not be written to its end.
    const lines = (await readFile(log, 'utf8')).split('\n').slice(0, -1);
    for (const line of lines.filter((text) => text.startsWith('{'))) {
      const { msg, stage, batch, time } = JSON.parse(line) as Readonly<Record<string, string>>;
      if (msg !== 'done' || batch !== of || stage === undefined || time === undefined) continue;
      ends.set(stage, Math.max(ends.get(stage) ?? 0, Date.parse(time)));
    }
  }
  return ends;
}
