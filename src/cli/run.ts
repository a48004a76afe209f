import { Command, CommanderError } from 'commander';
import { type Environment, readEnvironment, version } from '../config/index.js';
import { doctorCommand } from './commands/doctor.js';
import { scanCommand } from './commands/scan.js';
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

async function runProgram(argv: readonly string[], io: CliIo, environment: Environment): Promise<ExitCode> {
  // Stays so when no command runs: nothing was judged.
  let exitCode: ExitCode = exitCodes.notJudged;
  const program = programOf(io);
  const finish = (code: ExitCode) => {
    exitCode = code;
  };
  for (const command of [scanCommand, doctorCommand]) {
    program.addCommand(command(io, environment, finish).copyInheritedSettings(program));
  }
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // --help and --version end by throwing.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.released;
    return reportFailure(error, io, environment.debug);
  }
}

/** Runs one command line and returns its exit code; never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await runProgram(argv, io, readEnvironment(io.variables));
  } catch (error) {
    return reportFailure(error, io, false);
  }
}
