import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

export interface ProcessCost {
  readonly exitCode: number | null;
  readonly wallSeconds: number;
  /** Of the process and its children. */
  readonly cpuSeconds: number;
  /** Greatest sum of resident memory over the process and its children, as sampled; null where there is no /proc. */
  readonly peakBytes: number | null;
}

const SAMPLE_MS = 50;
/** Fields of /proc/<pid>/stat after the name: user and system ticks, those of ended children, resident pages. */
const [USER_TICKS, SYSTEM_TICKS, ENDED_USER_TICKS, ENDED_SYSTEM_TICKS, RESIDENT] = [11, 12, 13, 14, 21];
const PAGE_BYTES = 4096;
const TICKS_PER_SECOND = 100;

/** Runs a command to its end and says what it and all its children have cost. */
export async function costOf(
  command: readonly string[],
  environment: Record<string, string> = {},
): Promise<ProcessCost> {
  const started = performance.now();
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ticks = new Map<number, number>();
  let peakBytes: number | null = null;
  const timer = setInterval(() => {
    const family = familyOf(child.pid ?? -1);
    for (const { id, ownTicks } of family) ticks.set(id, ownTicks);
    const bytes = family.reduce((sum, { resident }) => sum + resident, 0);
    if (family.length > 0) peakBytes = Math.max(peakBytes ?? 0, bytes);
  }, SAMPLE_MS);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  const cpuSeconds = [...ticks.values()].reduce((sum, own) => sum + own, 0) / TICKS_PER_SECOND;
  return { exitCode, wallSeconds: (performance.now() - started) / 1000, cpuSeconds, peakBytes };
}

/** What a running process, its children and those of them that have ended have taken so far; 0 where there is no /proc. */
export function cpuSecondsOf(root: number): number {
  const ticks = familyOf(root).reduce((sum, { ownTicks, endedTicks }) => sum + ownTicks + endedTicks, 0);
  return ticks / TICKS_PER_SECOND;
}

interface Member {
  readonly id: number;
  readonly ownTicks: number;
  /** Of its children that have ended. */
  readonly endedTicks: number;
  readonly resident: number;
}

function familyOf(root: number): Member[] {
  return readMember(root).flatMap((member) => [member, ...childrenOf(root).flatMap(familyOf)]);
}

/** Of each thread. Reading every process of the machine would take more time than what is measured leaves. */
function childrenOf(id: number): number[] {
  try {
    const threads = readdirSync(`/proc/${id}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${id}/task/${thread}/children`, 'latin1'));
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  } catch {
    // It has ended in between.
    return [];
  }
}

function readMember(id: number): Member[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const number = (at: number) => Number(fields[at]);
    const ownTicks = number(USER_TICKS) + number(SYSTEM_TICKS);
    const endedTicks = number(ENDED_USER_TICKS) + number(ENDED_SYSTEM_TICKS);
    return [{ id, ownTicks, endedTicks, resident: number(RESIDENT) * PAGE_BYTES }];
  } catch {
    // It has ended in between.
    return [];
  }
}
