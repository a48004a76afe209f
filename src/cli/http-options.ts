import { type Command, InvalidArgumentError } from 'commander';

/** Where a command listens. */
export interface HttpFlags {
  readonly host: string;
  readonly port?: number;
}

/** Adds the options that say where to listen. */
export function withHttpOptions(command: Command, port: string): Command {
  return command.option('--host <address>', 'where to listen', '127.0.0.1').option('--port <n>', port, portOf);
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port < 2 ** 16) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}
