import { Command } from 'commander';
import { type Environment, requiredNode, settings, version } from '../../config/index.js';
import { diagnosisJson, examine, renderDiagnosis } from '../../doctor/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';

const afterHelp = `
Each tensor backend is tried in a process of its own. Speeds are rough.

Exit codes:
  0  a scan can run
  3  it cannot; the first lines say why and what to do`;

async function runDoctor(asJson: boolean, io: CliIo, { backend, noColor }: Environment): Promise<ExitCode> {
  const { stdout, variables } = io;
  const diagnosis = await examine({ version, requiredNode, backend, variables: settings(variables) });
  const color = stdout.isTTY === true && !noColor;
  const width = Math.max(Math.min(stdout.columns || 80, 80), 60);
  stdout.write(asJson ? diagnosisJson(diagnosis) : renderDiagnosis(diagnosis, color, width));
  return diagnosis.ready ? exitCodes.released : exitCodes.infrastructure;
}

/** `taster doctor`; hands its exit code to `finish`. */
export function doctorCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('doctor')
    .description('Shows whether a scan can run on this machine, and with what.')
    .option('--json', 'print it as JSON (schemas/doctor.schema.json)')
    .addHelpText('after', afterHelp)
    .action(async ({ json }: { readonly json?: boolean }) => finish(await runDoctor(json === true, io, environment)));
}
