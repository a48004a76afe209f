import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compiled, TENSORFLOW_ENVIRONMENT } from '../process/index.js';
import type { BackendDiagnosis } from '../schema/index.js';
import type { Measured } from './backend-worker.js';
import { versionOf } from './libraries.js';

/** What a process that tried a backend did. */
export interface Trial {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Name = BackendDiagnosis['name'];
export type TryBackend = (name: Name) => Promise<Trial>;

const TRIAL_MS = 60_000;

const WORKER = fileURLToPath(compiled('doctor/backend-worker.js'));

/** Tries a backend in a process of its own, which a library that does not fit the processor may kill. */
export function tryBackend(name: Name): Promise<Trial> {
  // The environment that processes which score shards get: nothing of ours.
  const options = { env: TENSORFLOW_ENVIRONMENT, timeout: TRIAL_MS, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [WORKER, name], options, (_, stdout, stderr) => {
      resolve({ exitCode: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

const remedies: Readonly<Record<Name, string>> = {
  wasm: 'Install again with `npm ci`.',
  native: 'Run `npm run native` again in the folder of Taster, or leave it: WASM computes the same, more slowly.',
};

const nativeMissing =
  process.platform === 'linux' && process.arch === 'x64'
    ? 'Run `npm run native` in the folder of Taster; WASM computes the same, more slowly.'
    : 'It is installed on Linux x64 only; WASM computes the same, more slowly.';

function whyNot({ signal, stderr }: Trial): string {
  if (signal !== null) return `the process that tried it was killed (${signal})`;
  const line = stderr.split('\n').find((text) => /^\w*(Error|BadInput|Bug)\b.*:/.test(text));
  return line?.replace(/^\w+: (tensor backend \w+ cannot be used: )?/, '') ?? 'the process that tried it failed';
}

function measuredBy({ exitCode, stdout }: Trial): Measured | undefined {
  return exitCode === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured) : undefined;
}

/** Whether a backend works here, how fast, or why not. */
export async function diagnoseBackend(name: Name, attempt: TryBackend): Promise<BackendDiagnosis> {
  const failed = { name, works: false, simd: null, gigaflops: null };
  if (name === 'native' && versionOf('@tensorflow/tfjs-node') === null) {
    return { ...failed, problem: { message: 'not installed', remedy: nativeMissing } };
  }
  const trial = await attempt(name);
  const measured = measuredBy(trial);
  if (measured === undefined) return { ...failed, problem: { message: whyNot(trial), remedy: remedies[name] } };
  return { name, works: true, ...measured, problem: null };
}
