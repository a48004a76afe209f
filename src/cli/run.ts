import { Command, CommanderError } from 'commander';
import { type Environment, readEnvironment, version } from '../config/index.js';
import { isCommand, loadCommands } from './commands/index.js';
import { reportFailure } from './failure.js';
import { type CliIo, type ExitCode, exitCodes } from './io.js';

const HELP_COLUMNS = 80;

function programOf(io: CliIo): Command {
  return new Command('taster')
    .description('Keeps poisoned data out of model training.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // What commander complains about is thrown as well, and reported in one place.
      writeErr: () => {},
      getOutHelpWidth: () => HELP_COLUMNS,
      getOutHasColors: () => false,
    });
}

/** Commands made apart take over how the program writes and exits, and so do theirs. */
function addCommand(parent: Command, command: Command): void {
  inheritSettings(parent, command);
  parent.addCommand(command);
}

function inheritSettings(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(command, child);
}

/** The commands that a command line names, outermost first: `taster`, `contract`, `infer`. */
function namedCommands(program: Command, argv: readonly string[]): Command[] {
  const named = [program];
  for (const word of argv) {
    const child = named.at(-1)?.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    named.push(child);
  }
  return named;
}

async function runProgram(argv: readonly string[], io: CliIo, environment: Environment): Promise<ExitCode> {
  // Stays so when no command runs: nothing was judged.
  let exitCode: ExitCode = exitCodes.notJudged;
  const program = programOf(io);
  const finish = (code: ExitCode) => {
    exitCode = code;
  };
  for (const make of await loadCommands(argv[0])) addCommand(program, make(io, environment, finish));
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // --help and --version end by throwing.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.released;
    return explainFailure(error, namedCommands(program, argv), io, environment);
  }
}

function explainFailure(error: unknown, named: readonly Command[], io: CliIo, { debug }: Environment): ExitCode {
  // A command that only groups others was named alone.
  if (error instanceof CommanderError && error.code === 'commander.help') {
    named.at(-1)?.outputHelp();
    return exitCodes.notJudged;
  }
  return reportFailure(error, io, debug, named.map((command) => command.name()).join(' '));
}

/** Runs one command line and returns its exit code; never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await runProgram(argv, io, readEnvironment(io.variables));
  } catch (error) {
    const [name] = argv;
    return reportFailure(error, io, false, isCommand(name) ? `taster ${name}` : 'taster');
  }
}
