import { Command, Option } from 'commander';
import { datasetOf, type Environment, loadConfig } from '../../config/index.js';
import { BadInput } from '../../errors.js';
import { policyOf, type Role, roles } from '../../permissions/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type ServiceFlags } from '../service.js';

interface IamFlags extends ServiceFlags {
  readonly role?: Role;
  readonly dataset?: string;
}

const iamHelp = `
Examples:
  taster policy iam --config taster.config.json --role trainer
  taster policy iam --role uploader --dataset digits > uploader.json

Prints the least that a role needs of the prefixes in S3 that the configuration
names, as a policy of AWS IAM: for its user or role, or with a Principal for the
bucket. Without --role it prints all of them, by role.

  uploader   delivers batches
  worker     taster worker and taster serve
  reviewer   taster review
  operator   taster enqueue, rescan, reconcile, pause and resume
  approver   taster baseline promote
  recaller   taster recall --config
  trainer    reads what is released
  scanner    taster scan of what has arrived, by hand

Exit codes:
  0  printed
  2  wrong usage, configuration or dataset, or nothing of it lies in S3`;

function run({ config: path, role, dataset }: IamFlags, { stdout }: CliIo): ExitCode {
  const config = loadConfig(path);
  const datasets = dataset === undefined ? [...config.datasets.values()] : [datasetOf(config, dataset)];
  const asked = role === undefined ? roles : [role];
  const policies = asked.flatMap((one) => {
    const policy = policyOf(one, datasets);
    return policy === undefined ? [] : [[one, policy] as const];
  });
  if (policies.length === 0) {
    throw new BadInput('USAGE', {
      detail: `${path}: nothing that this needs lies in S3: folders have no such policies`,
    });
  }
  const told = role === undefined ? Object.fromEntries(policies) : policies[0]?.[1];
  stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  return exitCodes.released;
}

/** `taster policy iam`; hands its exit code to `finish`. */
export function policyCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const iam = new Command('iam')
    .description('Who may do what in the buckets: least-privilege policies by role.')
    .addOption(configOption())
    .addOption(new Option('--role <name>', 'one role alone').choices(roles))
    .option('--dataset <name>', 'one dataset alone')
    .addHelpText('after', iamHelp)
    .action((flags: IamFlags) => finish(run(flags, io)));
  return new Command('policy').description('Writes policies for the stores that data lie in.').addCommand(iam);
}
