import { Command } from 'commander';
import { type Environment, loadConfig, requiredNode, settings, version } from '../../config/index.js';
import { diagnosisJson, examine, renderDiagnosis } from '../../doctor/index.js';
import type { Diagnosis } from '../../schema/index.js';
import { anyStore } from '../../store/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';

const afterHelp = `
Each tensor backend is tried in a process of its own. Speeds are rough.

With --config: whether Redis keeps the queue, whether these credentials may do
in each root what a worker does, and whether a dataset that is observed may be
enforced. Run it with the credentials of a worker. To see whether a second write
is refused it writes an object _doctor into each vault, released and quarantine
root, and takes it away where it may.

Exit codes:
  0  a scan, or the service, can run
  3  it cannot; the first lines say why and what to do`;

interface DoctorFlags {
  readonly json?: boolean;
  readonly config?: string;
}

async function runDoctor({ json, config }: DoctorFlags, io: CliIo, environment: Environment): Promise<ExitCode> {
  const { stdout, variables } = io;
  const { backend, noColor } = environment;
  const service = config === undefined ? undefined : await serviceChecks(config, environment);
  const machine = await examine({ version, requiredNode, backend, variables: settings(variables) });
  const diagnosis = service === undefined ? machine : service(machine);
  const color = stdout.isTTY === true && !noColor;
  const width = Math.max(Math.min(stdout.columns || 80, 80), 60);
  stdout.write(json === true ? diagnosisJson(diagnosis) : renderDiagnosis(diagnosis, color, width));
  return diagnosis.ready ? exitCodes.released : exitCodes.infrastructure;
}

async function serviceChecks(path: string, { redisUrl }: Environment) {
  const config = loadConfig(path);
  const { checkService, withService } = await import('../../checkup/index.js');
  const checks = await checkService(anyStore, redisUrl, config);
  return (machine: Diagnosis) => withService(machine, checks);
}

/** `taster doctor`; hands its exit code to `finish`. */
export function doctorCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('doctor')
    .description('Shows whether a scan can run on this machine, and with what.')
    .option('--json', 'print it as JSON (schemas/doctor.schema.json)')
    .option('--config <file>', 'look at the service that it configures as well')
    .addHelpText('after', afterHelp)
    .action(async (flags: DoctorFlags) => finish(await runDoctor(flags, io, environment)));
}
