import { Command, InvalidArgumentError, Option } from 'commander';
import { type Dataset, datasetOf, type Environment, loadConfig } from '../../config/index.js';
import { BadInput } from '../../errors.js';
import { bucketPolicies, policyOf, type Role, roles } from '../../permissions/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { s3Prefix } from '../s3-prefix.js';
import { configOption, type ServiceFlags } from '../service.js';

interface IamFlags extends ServiceFlags {
  readonly role?: Role;
  readonly dataset?: string;
  readonly checkpoints?: string;
}

const iamHelp = `
Examples:
  taster policy iam --config taster.config.json --role trainer
  taster policy iam --role uploader --dataset digits > uploader.json
  taster policy iam --role auditor --checkpoints s3://audit/checkpoints

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
  auditor    taster audit checkpoint, to the prefix that --checkpoints names

Exit codes:
  0  printed
  2  wrong usage, configuration or dataset, or nothing of it lies in S3`;

interface BucketFlags extends ServiceFlags {
  readonly bucket?: string;
  readonly trainer: readonly string[];
  readonly worker: readonly string[];
  readonly recaller: readonly string[];
}

const bucketHelp = `
Example:
  taster policy bucket --trainer arn:aws:iam::111122223333:role/training \\
    --worker arn:aws:iam::111122223333:role/taster-worker \\
    --recaller arn:aws:iam::111122223333:role/taster-recaller > bucket.json

For datasets with placement in-place: a policy of the bucket in which shards
arrive, that denies whatever policies of users and roles allow. Trainers read
nothing there but what is tagged as released, and nobody sets tags there but
workers and recallers. The conditions are those of AWS.

Exit codes:
  0  printed
  2  wrong usage or configuration, or nothing is in place`;

function runIam({ config: path, role, dataset, checkpoints }: IamFlags, { stdout }: CliIo): ExitCode {
  if (role === 'auditor' && checkpoints === undefined) {
    throw new BadInput('USAGE', { detail: '--role auditor: say with --checkpoints where checkpoints are published' });
  }
  const config = loadConfig(path);
  const datasets = dataset === undefined ? [...config.datasets.values()] : [datasetOf(config, dataset)];
  if (checkpoints !== undefined) assertApart(checkpoints, [...config.datasets.values()]);
  const asked = role === undefined ? roles.filter((one) => one !== 'auditor' || checkpoints !== undefined) : [role];
  const policies = asked.flatMap((one) => {
    const policy = policyOf(one, datasets, checkpoints);
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

/** What workers may write to, or training reads, is no place for what workers must not reach. Throws BadInput USAGE. */
function assertApart(checkpoints: string, datasets: readonly Dataset[]): void {
  const roots = datasets.flatMap(({ incoming, released, quarantine, vault }) => [
    incoming,
    released,
    quarantine,
    vault,
  ]);
  const near = roots.find((root) => `${root}/`.startsWith(`${checkpoints}/`) || checkpoints.startsWith(`${root}/`));
  if (near === undefined) return;
  throw new BadInput('USAGE', { detail: `--checkpoints ${checkpoints}: may not lie in ${near}, nor around it` });
}

function runBucket({ config: path, bucket, trainer, worker, recaller }: BucketFlags, { stdout }: CliIo): ExitCode {
  const datasets = [...loadConfig(path).datasets.values()];
  const policies = bucketPolicies(datasets, { trainers: trainer, taggers: [...worker, ...recaller] });
  const known = [...policies.keys()];
  const asked = bucket ?? (known.length === 1 ? known[0] : undefined);
  const policy = asked === undefined ? undefined : policies.get(asked);
  if (policy === undefined) {
    const there =
      known.length === 0 ? 'no dataset has placement in-place' : `--bucket has to name one of ${known.join(', ')}`;
    throw new BadInput('USAGE', { detail: `${path}: ${there}` });
  }
  stdout.write(`${JSON.stringify(policy, null, 2)}\n`);
  return exitCodes.released;
}

function collectArn(arn: string, before: readonly string[] = []): string[] {
  if (!/^arn:[^:]+:iam::[^:]*:(user|role)\/./.test(arn)) {
    throw new InvalidArgumentError('It must be the ARN of a user or role: arn:aws:iam::<account>:role/<name>.');
  }
  return [...before, arn];
}

/** `taster policy iam` and `bucket`; hands its exit code to `finish`. */
export function policyCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const iam = new Command('iam')
    .description('Who may do what in the buckets: least-privilege policies by role.')
    .addOption(configOption())
    .addOption(new Option('--role <name>', 'one role alone').choices(roles))
    .option('--dataset <name>', 'one dataset alone')
    .option('--checkpoints <prefix>', 'where in S3 the auditor publishes checkpoints', s3Prefix)
    .addHelpText('after', iamHelp)
    .action((flags: IamFlags) => finish(runIam(flags, io)));
  const bucket = new Command('bucket')
    .description('What a bucket denies in place, whatever else is allowed.')
    .addOption(configOption())
    .option('--bucket <name>', 'of this bucket, where there are several')
    .requiredOption('--trainer <arn>', 'who trains; can be repeated', collectArn)
    .requiredOption('--worker <arn>', 'who runs workers; can be repeated', collectArn)
    .option('--recaller <arn>', 'who recalls; can be repeated', collectArn, [])
    .addHelpText('after', bucketHelp)
    .action((flags: BucketFlags) => finish(runBucket(flags, io)));
  return new Command('policy')
    .description('Writes policies for the stores that data lie in.')
    .addCommand(iam)
    .addCommand(bucket);
}
