import { Argument, Command } from 'commander';
import { readTrusted, type TrustedTable } from '../../baseline/index.js';
import { type Environment, loadContract } from '../../config/index.js';
import { assignRoles, fixLists } from '../../encode/index.js';
import { BadInput } from '../../errors.js';
import { locateShards, parseShard, pinShard, type Shard } from '../../intake/index.js';
import { digestAt } from '../../model/index.js';
import { safeJson, safeText } from '../../safe-text.js';
import { anyStore } from '../../store/index.js';
import { checkContract, contractText, holds, inferContract, type PinnedContract } from '../../verify/index.js';
import { type ColumnFlags, columnsOf, withColumnOptions } from '../columns.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';

const inferHelp = `
Example:
  taster contract infer ./trusted --label species > contract.json
  taster scan ./batch --baseline ./trusted --contract contract.json

The contract advises until you edit it: only missing columns and wrong types
hold a shard. Once you change anything, or remove "inferred", everything in it
holds. See docs/contract.md.`;

const checkHelp = `
Example:
  taster contract check contract.json ./batch

Exit codes:
  0  nothing that holds a shard
  1  some file breaks the contract, or cannot be read
  2  the contract or the command line is wrong`;

async function readRows(roots: readonly string[]): Promise<TrustedTable> {
  const trusted = await readTrusted(anyStore, roots);
  if (trusted.table.numRows > 0) return trusted;
  throw new BadInput('BASELINE_UNUSABLE', {
    path: trusted.path,
    detail: 'has no rows to infer a contract from',
    remedy: 'Add trusted rows.',
  });
}

async function infer(roots: readonly string[], flags: ColumnFlags, { stdout, stderr }: CliIo): Promise<ExitCode> {
  const { table, path } = await readRows(roots);
  const contract = inferContract(table, assignRoles(table, columnsOf(flags), path));
  stdout.write(safeJson(contractText(contract)));
  stderr.write(`taster: a contract of ${contract.columns.length} columns, inferred from ${table.numRows} trusted rows.
It advises: only missing columns and wrong types hold a shard. Read what is
marked as guessed, the roles above all; once you edit anything, or remove
"inferred", every constraint holds.
`);
  const isLabelled = contract.columns.some(({ role }) => role === 'label');
  if (!isLabelled) stderr.write('No column was taken for the label: name it with --label if there is one.\n');
  return exitCodes.released;
}

/** What is said of one file, and whether it would be held. */
async function checkFile(shard: Shard, pinned: PinnedContract): Promise<{ lines: string[]; isHeld: boolean }> {
  try {
    const { contract } = pinned;
    const table = fixLists(await parseShard(await pinShard(anyStore, shard)), contract.columns);
    const breaches = checkContract(table, contract);
    const isHeld = breaches.some((breach) => holds(breach, pinned.isAdvisory));
    const lines = breaches.map(
      (breach) => `${holds(breach, pinned.isAdvisory) ? 'holds ' : 'advice'}  ${breach.summary}`,
    );
    return { lines: lines.length === 0 ? ['keeps the contract'] : lines, isHeld };
  } catch (error) {
    if (error instanceof BadInput) return { lines: [`holds   ${error.message}`], isHeld: true };
    throw error;
  }
}

async function check(contractPath: string, roots: readonly string[], { stdout }: CliIo): Promise<ExitCode> {
  const pinned = loadContract(contractPath);
  let isAnyHeld = false;
  for (const shard of await locateShards(anyStore, roots)) {
    const { lines, isHeld } = await checkFile(shard, pinned);
    stdout.write(`${safeText(shard.path)}\n${lines.map((line) => `  ${safeText(line)}\n`).join('')}`);
    isAnyHeld ||= isHeld;
  }
  return isAnyHeld ? exitCodes.held : exitCodes.released;
}

/** `taster contract infer`, `check` and `digest`. */
export function contractCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const inferring = withColumnOptions(new Command('infer'))
    .description('Prints a contract that the trusted rows keep, for you to edit.')
    .addArgument(new Argument('<trusted...>', 'files, folders or s3:// URIs of rows you trust'))
    .addHelpText('after', inferHelp)
    .action(async (roots: string[], flags: ColumnFlags) => finish(await infer(roots, flags, io)));
  const checking = new Command('check')
    .description('Says in what files depart from a contract, without judging rows.')
    .addArgument(new Argument('<contract>', 'a contract, as `taster contract infer` prints it'))
    .addArgument(new Argument('<files...>', 'files, folders or s3:// URIs: Parquet, CSV, Arrow IPC'))
    .addHelpText('after', checkHelp)
    .action(async (path: string, roots: string[]) => finish(await check(path, roots, io)));
  const digesting = new Command('digest')
    .description('Prints the digest by which a contract pins a model.')
    .addArgument(new Argument('<model>', 'model.json, or the folder of a SavedModel'))
    .action(async (path: string) => {
      io.stdout.write(`${await digestAt(path)}\n`);
      finish(exitCodes.released);
    });
  return new Command('contract')
    .description('Infers what columns are for and may hold, or checks files against it.')
    .addCommand(inferring)
    .addCommand(checking)
    .addCommand(digesting);
}
