import { Argument, Command } from 'commander';
import { datasetOf, type Environment, loadConfig } from '../../config/index.js';
import { safeText } from '../../safe-text.js';
import { setPause } from '../../schedule/index.js';
import type { PauseRecord } from '../../schema/index.js';
import { anyStore } from '../../store/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type ServiceFlags } from '../service.js';

interface PauseFlags extends ServiceFlags {
  readonly why?: string;
  readonly by?: string;
}

const pauseHelp = `
Example:
  taster pause digits --why 'the baseline is being replaced' --by ann

Every worker stops sealing and queueing what arrives, and \`taster enqueue\` and
\`rescan\` refuse. What is queued already is finished. Reviews go on. It is kept
in the vault, so it outlives Redis and holds for workers started later.

Exit codes:
  0  paused, or paused already
  2  wrong usage, configuration or dataset
  3  the surroundings failed; try again`;

const resumeHelp = `
Example:
  taster resume digits

What has arrived meanwhile is found by the next sweep.`;

/** The queue plays no part: a dataset can be paused while Redis is away. */
async function say(kind: PauseRecord['kind'], name: string, flags: PauseFlags, { stdout }: CliIo): Promise<ExitCode> {
  const dataset = datasetOf(loadConfig(flags.config), name);
  const record = { kind, why: flags.why ?? null, by: flags.by ?? null, at: new Date().toISOString() };
  const isNew = await setPause(anyStore, dataset, record);
  stdout.write(isNew ? `${kind} ${safeText(name)}\n` : `${safeText(name)}: ${OTHERWISE[kind]}\n`);
  return exitCodes.released;
}

const OTHERWISE = { paused: 'is paused already', resumed: 'is not paused' } as const;

function make(command: Command, kind: PauseRecord['kind'], io: CliIo, finish: (code: ExitCode) => void): Command {
  return command
    .addArgument(new Argument('<dataset>', 'its name'))
    .addOption(configOption())
    .option('--why <text>', 'the reason, for whoever asks')
    .option('--by <name>', 'who says so')
    .action(async (name: string, flags: PauseFlags) => finish(await say(kind, name, flags, io)));
}

/** `taster pause`; hands its exit code to `finish`. */
export function pauseCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const command = new Command('pause').description('Has workers leave alone what arrives for a dataset.');
  return make(command, 'paused', io, finish).addHelpText('after', pauseHelp);
}

/** `taster resume`; hands its exit code to `finish`. */
export function resumeCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const command = new Command('resume').description('Ends a pause.');
  return make(command, 'resumed', io, finish).addHelpText('after', resumeHelp);
}
