import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { APPROVAL_ENDING, type Approval, approvalPayload, openApproval, signedBy } from '../../attest/index.js';
import { decodeArtefact, peekArtefact } from '../../baseline/index.js';
import { type Environment, loadContract, loadPolicy, loadSigningKey } from '../../config/index.js';
import { BadInput, Bug } from '../../errors.js';
import { safeText } from '../../safe-text.js';
import type { ApprovableKind } from '../../schema/index.js';
import { anyStore, saveFile, sha256Of } from '../../store/index.js';
import { approvalRemedy, readApproval } from '../../verify/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { assertLocal } from '../output-folder.js';

interface SignFlags {
  readonly key: string;
  readonly kind?: ApprovableKind;
  readonly dataset?: string;
  /** Not `version`, which commander keeps for itself. */
  readonly as?: number;
  readonly first?: string;
}

const KINDS: readonly ApprovableKind[] = ['baseline', 'policy', 'contract'];

const afterHelp = `
Examples:
  taster sign weather.taster --kind baseline --dataset weather --as 1 \\
    --key ann.pem
  taster sign weather.taster --key bob.pem
  taster sign next.taster --kind baseline --dataset weather --as 2 \\
    --first 9f86d081… --key ann.pem

The first line says what is signed, for which dataset and as which version. The
second adds a signature to it; so does the first where the same was signed
before: to state it anew, as for a key that is trusted from later on, remove
weather.taster${APPROVAL_ENDING} first. What is signed lies there, beside the file; where the
trust policy has requireApproval, nothing is judged by a file without it.

Exit codes:
  0  signed
  2  wrong file, key or command line; or the file is not what others have signed
  3  the surroundings failed; try again`;

function parseVersion(text: string): number {
  const version = Number(text);
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

function parseDigest(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a SHA-256 in lower-case hexadecimal.');
}

async function run(path: string, flags: SignFlags, { stderr }: CliIo): Promise<ExitCode> {
  assertLocal('<file>', path);
  const key = loadSigningKey(flags.key);
  const target = `${path}${APPROVAL_ENDING}`;
  const isNew = flags.kind !== undefined || flags.dataset !== undefined || flags.as !== undefined;
  const { payload, earlier } = isNew ? await statementOf(path, flags) : await earlierStatement(path, target);
  const text = signedBy(payload, key, earlier);
  await saveFile(target, Buffer.from(text));
  const opened = openApproval(Buffer.from(text));
  if ('problem' in opened) throw new Bug(`what was signed is no approval: ${opened.problem}`);
  const { kind, dataset, version, sha256, created, signed } = opened;
  const count = signed.envelope.signatures.length;
  stderr.write(
    `taster: ${safeText(target)}: ${kind} version ${version} of dataset ${safeText(dataset)}, ${sha256}, stated ${created}, signed by ${count}\n`,
  );
  return exitCodes.released;
}

/** The earlier one where it says the same: who signs it twice takes away nobody's signature. */
async function statementOf(path: string, { kind, dataset, as: version, first }: SignFlags) {
  if (kind === undefined || dataset === undefined || version === undefined) {
    throw new BadInput('USAGE', { detail: '--kind, --dataset and --as belong together' });
  }
  const sha256 = await digestOf(path, kind);
  const approval: Approval = { kind, dataset, version, sha256, first: firstOf(kind, version, sha256, first) };
  const content = await readApproval(anyStore, path);
  const there = content === undefined ? undefined : openApproval(content);
  const now = new Date();
  if (there !== undefined && !('problem' in there) && isSame(there, approval) && Date.parse(there.created) <= +now) {
    return { payload: there.signed.payload, earlier: there.signed };
  }
  return { payload: approvalPayload(approval, anyStore.nameOf(path), now), earlier: undefined };
}

function isSame(one: Approval, other: Approval): boolean {
  return (Object.keys(other) as (keyof Approval)[]).every((key) => one[key] === other[key]);
}

function firstOf(kind: ApprovableKind, version: number, sha256: string, first: string | undefined): string | null {
  if (kind !== 'baseline') {
    if (first !== undefined) throw new BadInput('USAGE', { detail: '--first is for baselines' });
    return null;
  }
  if (version > 1 && first === undefined) {
    throw new BadInput('USAGE', { detail: '--first is missing: the digest of the first baseline of the dataset' });
  }
  return first ?? sha256;
}

/** Whoever adds a signature signs what is there, if it is about the file that is there. */
async function earlierStatement(path: string, target: string) {
  const content = await readApproval(anyStore, path);
  if (content === undefined) {
    throw new BadInput('USAGE', { detail: `${target} is not there: say --kind, --dataset and --as` });
  }
  const opened = openApproval(content);
  if ('problem' in opened) {
    const remedy = `Say what it is with --kind, --dataset and --as: that takes the place of ${target}.`;
    throw new BadInput('APPROVAL_REFUSED', { kind: 'file', path, detail: opened.problem, remedy });
  }
  const { kind, dataset } = opened;
  const sha256 = await digestOf(path, kind);
  if (sha256 !== opened.sha256) {
    const detail = `what was signed has the digest ${opened.sha256}, this has ${sha256}`;
    const remedy = approvalRemedy('state', { kind, path, dataset });
    throw new BadInput('APPROVAL_REFUSED', { kind, path, detail, remedy });
  }
  return { payload: opened.signed.payload, earlier: opened.signed };
}

/** Only what can be used is signed. */
async function digestOf(path: string, kind: ApprovableKind): Promise<string> {
  if (kind === 'baseline') {
    // Says what it is where it is none; the digest in its first line covers the rest only once that has been compared.
    await peekArtefact(anyStore, path);
    return decodeArtefact(await anyStore.read(path), path).sha256;
  }
  if (kind === 'policy') loadPolicy(path);
  else loadContract(path);
  return sha256Of(await anyStore.read(path));
}

/** `taster sign`; hands its exit code to `finish`. */
export function signCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('sign')
    .description('Signs a baseline, policy or contract for others to judge by.')
    .addArgument(new Argument('<file>', 'what `taster baseline build` wrote, or a JSON file'))
    .requiredOption('--key <file>', 'private key of an approver, PEM: Ed25519, P-256 or P-384')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS))
    .option('--dataset <name>', 'the stream of batches that it is for')
    .option('--as <version>', 'a number, higher than that of what it replaces', parseVersion)
    .option('--first <digest>', 'of the first baseline of the dataset, from version 2 on', parseDigest)
    .addHelpText('after', afterHelp)
    .action(async (path: string, flags: SignFlags) => finish(await run(path, flags, io)));
}
