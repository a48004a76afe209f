import type { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import type { CliIo, ExitCode } from '../io.js';

/** Makes a command, which hands its exit code to `finish`. */
type CommandMaker = (io: CliIo, environment: Environment, finish: (code: ExitCode) => void) => Command;

/** By name, in the order in which help lists them; each is loaded when it is wanted: all take as long as a small batch. */
const commands: ReadonlyMap<string, () => Promise<CommandMaker>> = new Map(
  Object.entries({
    scan: async () => (await import('./scan.js')).scanCommand,
    baseline: async () => (await import('./baseline.js')).baselineCommand,
    contract: async () => (await import('./contract.js')).contractCommand,
    sign: async () => (await import('./sign.js')).signCommand,
    manifest: async () => (await import('./manifest.js')).manifestCommand,
    gate: async () => (await import('./gate.js')).gateCommand,
    bom: async () => (await import('./bom.js')).bomCommand,
    recall: async () => (await import('./recall.js')).recallCommand,
    audit: async () => (await import('./audit.js')).auditCommand,
    worker: async () => (await import('./worker.js')).workerCommand,
    serve: async () => (await import('./serve.js')).serveCommand,
    enqueue: async () => (await import('./enqueue.js')).enqueueCommand,
    status: async () => (await import('./status.js')).statusCommand,
    pause: async () => (await import('./pause.js')).pauseCommand,
    resume: async () => (await import('./pause.js')).resumeCommand,
    reconcile: async () => (await import('./reconcile.js')).reconcileCommand,
    rescan: async () => (await import('./rescan.js')).rescanCommand,
    review: async () => (await import('./review.js')).reviewCommand,
    policy: async () => (await import('./policy.js')).policyCommand,
    doctor: async () => (await import('./doctor.js')).doctorCommand,
  }),
);

/** The command of that name, or all of them where there is none: then one of them is looked for, or help asked for. */
export async function loadCommands(name: string | undefined): Promise<CommandMaker[]> {
  const only = commands.get(name ?? '');
  return Promise.all((only === undefined ? [...commands.values()] : [only]).map((load) => load()));
}

export function isCommand(name: string | undefined): name is string {
  return name !== undefined && commands.has(name);
}
