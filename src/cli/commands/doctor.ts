import { Command, InvalidArgumentError, Option } from 'commander';
import type { OtherRole } from '../../checkup/index.js';
import { type Environment, loadConfig, requiredNode, settings, version } from '../../config/index.js';
import { diagnosisJson, examine, renderDiagnosis } from '../../doctor/index.js';
import { BadInput } from '../../errors.js';
import { roles } from '../../permissions/index.js';
import type { Diagnosis } from '../../schema/index.js';
import { anyStore, s3StoreAs } from '../../store/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { s3Prefix } from '../s3-prefix.js';

const afterHelp = `
Each tensor backend is tried in a process of its own. Speeds are rough.

With --config: whether Redis keeps the queue, whether these credentials may do
in each root what a worker does, and whether a dataset that is observed may be
enforced. Run it with the credentials of a worker. To see whether a second write
is refused it writes an object _doctor into each vault, released and quarantine
root, in S3 also a copy into the last two, and takes them away where it may. In
S3 it also tries what must be refused: a worker to remove that object, or to
write where batches arrive, beside the baseline, or below a prefix named with
--protected, as that of audit checkpoints; with --as, what any other role must
not read, write or remove, where at least one root lies in S3. What a worker may
too much is advice, with --strict a problem. All of these need --config.

Example:
  taster doctor --config taster.config.json --strict \\
    --as trainer=training-profile --protected s3://audit/checkpoints

Exit codes:
  0  a scan, or the service, can run
  2  wrong command line or configuration
  3  it cannot; the first lines say why and what to do`;

interface DoctorFlags {
  readonly json?: boolean;
  readonly config?: string;
  readonly as: readonly Profile[];
  readonly protected: readonly string[];
  readonly strict?: boolean;
}

/** A profile of the files of AWS that holds the credentials of a role. */
interface Profile {
  readonly role: OtherRole;
  readonly profile: string;
}

const OTHER_ROLES: readonly OtherRole[] = roles.filter((role) => role !== 'worker');

function addProfile(text: string, before: readonly Profile[]): Profile[] {
  const [, given, profile = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const role = OTHER_ROLES.find((known) => known === given);
  if (role === undefined)
    throw new InvalidArgumentError(`It must be <role>=<profile>, a role of ${OTHER_ROLES.join(', ')}.`);
  return [...before, { role, profile }];
}

async function runDoctor(flags: DoctorFlags, io: CliIo, environment: Environment): Promise<ExitCode> {
  const { json, config } = flags;
  const { stdout, variables } = io;
  const { backend, noColor } = environment;
  if (config === undefined) requireNoServiceFlag(flags);
  const service = config === undefined ? undefined : await serviceChecks(config, flags, environment);
  const machine = await examine({ version, requiredNode, backend, variables: settings(variables) });
  const diagnosis = service === undefined ? machine : service(machine);
  const color = stdout.isTTY === true && !noColor;
  const width = Math.max(Math.min(stdout.columns || 80, 80), 60);
  stdout.write(json === true ? diagnosisJson(diagnosis) : renderDiagnosis(diagnosis, color, width));
  return diagnosis.ready ? exitCodes.released : exitCodes.infrastructure;
}

/** What is asked and not tried would pass for tried. @throws BadInput USAGE */
function requireNoServiceFlag({ as, protected: prefixes, strict }: DoctorFlags): void {
  const asked = { as: as.length > 0, protected: prefixes.length > 0, strict: strict === true };
  for (const [option, isAsked] of Object.entries(asked)) {
    if (isAsked) throw new BadInput('USAGE', { detail: `--${option} needs --config, which says where data lie` });
  }
}

async function serviceChecks(path: string, flags: DoctorFlags, { redisUrl }: Environment) {
  const config = loadConfig(path);
  const { checkService, withService } = await import('../../checkup/index.js');
  const others = await Promise.all(
    flags.as.map(async ({ role, profile }) => ({ role, store: await s3StoreAs(profile) })),
  );
  const checks = await checkService(anyStore, redisUrl, config, {
    others,
    protectedRoots: flags.protected,
    isStrict: flags.strict === true,
  });
  return (machine: Diagnosis) => withService(machine, checks);
}

function collect(prefix: string, before: readonly string[]): string[] {
  return [...before, s3Prefix(prefix)];
}

/** `taster doctor`; hands its exit code to `finish`. */
export function doctorCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('doctor')
    .description('Shows whether a scan can run on this machine, and with what.')
    .option('--json', 'print it as JSON (schemas/doctor.schema.json)')
    .option('--config <file>', 'look at the service that it configures as well')
    .addOption(
      new Option(
        '--as <role=profile>',
        'also try what a role must not do, by a profile of the files of AWS; can be repeated',
      )
        .argParser(addProfile)
        .default([], 'none'),
    )
    .addOption(
      new Option('--protected <prefix>', 'where workers must not write; can be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--strict', 'not ready where a worker may do more than it must')
    .addHelpText('after', afterHelp)
    .action(async (flags: DoctorFlags) => finish(await runDoctor(flags, io, environment)));
}
