import { runCli } from '../../src/cli/run.js';
import { scan } from '../../src/pipeline.js';

/** Runs a command line in this process. */
export function taster(...argv: string[]) {
  return tasterWith({}, ...argv);
}

/** The same with more environment variables. */
export async function tasterWith(more: Readonly<Record<string, string>>, ...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
      return true;
    },
  });
  const variables = { TASTER_PROCESSES: '1', TASTER_BACKEND: 'wasm', ...more };
  const io = { variables, stdout: stream('stdout'), stderr: stream('stderr'), scan };
  return { exitCode: await runCli(argv, io), ...written };
}
