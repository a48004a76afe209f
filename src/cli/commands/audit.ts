import { Argument, Command } from 'commander';
import { type AuditLog, checkpointProblem, checkpointText, readLog } from '../../audit/index.js';
import { type Environment, loadSigningKey, loadTrust } from '../../config/index.js';
import { checkRecordsInUse, namesRecords } from '../../enforce/index.js';
import { BadInput } from '../../errors.js';
import { safeText } from '../../safe-text.js';
import type { AuditEntry } from '../../schema/index.js';
import { anyStore, namedFile } from '../../store/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { readNamed } from '../read-named.js';

interface VerifyFlags {
  readonly checkpoint?: string;
  readonly trust?: string;
  readonly json?: boolean;
}

const verifyHelp = `
Example:
  taster audit verify ./audit --checkpoint monday.json --trust trust.json

Without a checkpoint an end that was cut off cannot be seen: keep checkpoints
where whoever writes the log cannot reach them.

The log of a vault also tells what seals, decisions, judgements, reviews,
rescans, recalls, pauses and marks of rows beside it hold, and what was settled:
they are compared. So are batches that it does not name.

Exit codes:
  0  the log is whole, and what it names is as it says
  1  it is not: an entry is missing, changed, moved, or cut off, or a record is
  2  wrong command line or trust policy
  3  the surroundings failed; try again`;

async function verify(log: string, flags: VerifyFlags, { stdout, stderr }: CliIo): Promise<ExitCode> {
  const { checkpoint } = flags;
  if ((checkpoint === undefined) !== (flags.trust === undefined)) {
    throw new BadInput('USAGE', { detail: '--checkpoint and --trust belong together' });
  }
  const trust = flags.trust === undefined ? undefined : loadTrust(flags.trust);
  try {
    const read = await readLog(anyStore, log);
    const problem =
      checkpoint === undefined || trust === undefined
        ? undefined
        : checkpointProblem(read, await readNamed(checkpoint), { trust, now: Date.now() });
    if (problem !== undefined) throw new BadInput('AUDIT_BROKEN', { path: log, detail: problem });
    await requireRecords(log, read, stderr);
    stdout.write(flags.json === true ? `${JSON.stringify(read.entries, null, 2)}\n` : read.entries.map(line).join(''));
    stderr.write(`taster: ${safeText(log)}: ${read.entries.length} entries, whole\n`);
    return exitCodes.released;
  } catch (error) {
    if (!(error instanceof BadInput) || error.code !== 'AUDIT_BROKEN') throw error;
    stderr.write(`taster: ${safeText(error.message)}\n${safeText(error.remedy)}\n`);
    return exitCodes.held;
  }
}

/** The log of a vault lies in it, and says what the records beside it hold. @throws BadInput AUDIT_BROKEN; Transient READ_FAILED */
async function requireRecords(log: string, read: AuditLog, stderr: CliIo['stderr']): Promise<void> {
  if (!namesRecords(read.entries)) return;
  const folder = log.replace(/\/+$/, '');
  const vault = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : `${folder}/..`;
  const { problems, notCarriedOut, unnamed, compared } = await checkRecordsInUse(anyStore, vault, read.entries, () =>
    readLonger(log, read),
  );
  if (problems.length > 0) throw new BadInput('AUDIT_BROKEN', { path: log, detail: problems.join('; ') });
  const open = notCarriedOut === 0 ? '' : `; ${notCarriedOut} acts that it names were not carried out`;
  const earlier = unnamed === 0 ? '' : `; ${unnamed} records of an earlier version are not in it`;
  stderr.write(`taster: ${safeText(vault)}: ${compared} records are those that the log names${open}${earlier}\n`);
}

/** The log as it is by now: what was there still has to be. @throws BadInput AUDIT_BROKEN; Transient READ_FAILED */
async function readLonger(log: string, { digests }: AuditLog): Promise<readonly AuditEntry[]> {
  const now = await readLog(anyStore, log);
  const changed = digests.findIndex((digest, index) => digest !== now.digests[index]);
  if (changed < 0) return now.entries;
  throw new BadInput('AUDIT_BROKEN', { path: log, detail: `entry ${changed + 1} has changed while the log was read` });
}

function line({ sequence, time, event, dataset, batch, by, facts }: AuditEntry): string {
  const about = [dataset, batch?.name].filter((part) => part !== null && part !== undefined).join('/');
  const more = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
  return `${safeText([sequence, time, event, about, ...(by === null ? [] : [`by ${by}`]), ...more].join('  '))}\n`;
}

async function checkpoint(log: string, { key, out }: { key: string; out: string }, { stderr }: CliIo) {
  const target = namedFile(out);
  if (target === undefined) throw new BadInput('OUTPUT_IS_FOLDER', { path: out });
  const signingKey = loadSigningKey(key);
  const read = await readLog(anyStore, log);
  const isNew = await anyStore.create(target.folder, target.name, Buffer.from(checkpointText(read, signingKey)));
  if (!isNew) throw new BadInput('CHECKPOINT_EXISTS', { path: out });
  stderr.write(`taster: ${safeText(out)}: ${read.entries.length} entries up to now\n`);
  return exitCodes.released;
}

/** `taster audit verify` and `checkpoint`. */
export function auditCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const verifying = new Command('verify')
    .description('Follows the chain of a log, and prints what it says.')
    .addArgument(new Argument('<log>', 'folder that --audit of other commands named'))
    .option('--checkpoint <file>', 'what `taster audit checkpoint` wrote earlier')
    .option('--trust <file>', 'JSON: whose checkpoints count')
    .option('--json', 'print the entries as JSON')
    .addHelpText('after', verifyHelp)
    .action(async (log: string, flags: VerifyFlags) => finish(await verify(log, flags, io)));
  const checkpointing = new Command('checkpoint')
    .description('Signs how far a log has got. What is there already is not written over.')
    .addArgument(new Argument('<log>', 'folder that --audit of other commands named'))
    .requiredOption('--key <file>', 'private key of a trusted verifier, PEM')
    .requiredOption(
      '--out <file>',
      'where to write it, a path or s3://bucket/key: out of\nreach of whoever writes the log',
    )
    .action(async (log: string, flags: { key: string; out: string }) => finish(await checkpoint(log, flags, io)));
  return new Command('audit')
    .description('Shows that the record of what was done is whole.')
    .addCommand(verifying)
    .addCommand(checkpointing);
}
