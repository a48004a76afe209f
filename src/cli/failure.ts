import { CommanderError } from 'commander';
import { BadInput, messageOf, Transient } from '../errors.js';
import { safeText } from '../safe-text.js';
import { type CliIo, type ExitCode, exitCodes } from './io.js';

/** Commander words its complaints for its own output: `error: …`, some on two lines. */
function asUsage(error: CommanderError): BadInput {
  const detail = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return new BadInput('USAGE', { detail }, error);
}

function explain(
  error: unknown,
  command: string,
): { readonly message: string; readonly remedy: string; readonly exitCode: ExitCode } {
  if (error instanceof BadInput && error.code === 'USAGE') {
    const remedy = `Run \`${command} --help\` for the options and examples.`;
    return { message: error.message, remedy, exitCode: exitCodes.notJudged };
  }
  if (error instanceof BadInput) return { ...pick(error), exitCode: exitCodes.notJudged };
  if (error instanceof Transient) return { ...pick(error), exitCode: exitCodes.infrastructure };
  const message = messageOf(error);
  return {
    message: `internal error: ${message}`,
    remedy: 'This is a fault of Taster. Run again with TASTER_DEBUG=1 to see where it happened, and report it.',
    exitCode: exitCodes.infrastructure,
  };
}

function pick({ message, remedy }: BadInput | Transient) {
  return { message, remedy };
}

/** Says on stderr what went wrong with `command` and what to do about it, and chooses the exit code. */
export function reportFailure(thrown: unknown, { stderr }: CliIo, showsStack: boolean, command: string): ExitCode {
  const error = thrown instanceof CommanderError ? asUsage(thrown) : thrown;
  const { message, remedy, exitCode } = explain(error, command);
  stderr.write(`taster: ${safeText(message)}\n${safeText(remedy)}\n`);
  if (showsStack && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  return exitCode;
}
