import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Argument, Command } from 'commander';
import { type Environment, loadTrust } from '../../config/index.js';
import { count, whole } from '../../count.js';
import { BadInput } from '../../errors.js';
import {
  type Asker,
  type GateOutcome,
  gateRequest,
  passGate,
  recordAnswer,
  recordUnanswered,
  verdictToFollow,
} from '../../gate/index.js';
import { safeText } from '../../safe-text.js';
import { anyStore, openScratch, orWriteFailed } from '../../store/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { supersededText } from '../latest-verdict.js';
import { assertLocal, assertOutside } from '../output-folder.js';

interface GateFlags extends Asker {
  readonly trust: string;
  readonly verdict?: string;
  readonly status?: string;
  readonly copyTo?: string;
  readonly inPlace?: boolean;
  readonly json?: boolean;
}

const afterHelp = `
Examples:
  taster gate ./batch --verdict ./report/verdict.json --trust trust.json \\
    --status status.json
  taster gate ./batch --trust trust.json --status status.json \\
    --dataset weather --copy-to ./train
  taster gate s3://lake/incoming/monday --in-place --trust trust.json \\
    --verdict s3://lake/released/monday --status s3://lake/status.json

A verdict with a later one beside it (_verdict-2.json, ...) holds no more: the
last of them is followed, and refused where it is older than one before it.

Prints the released shards whose bytes are those that were judged, one path a
line, and nothing at all unless every one of them is. What is changed after the
gate it cannot see: with --copy-to training reads the very bytes it verified.

Exit codes:
  0  what is printed or copied may be trained on
  1  refused: nothing may
  2  there is no verdict yet, or trust policy or command line are wrong
  3  the surroundings failed; try again`;

async function run(batch: string, flags: GateFlags, io: CliIo): Promise<ExitCode> {
  const { outcome, verdict } = await recordUnanswered(anyStore, batch, flags, () => ask(batch, flags, io));
  print(outcome, flags, io);
  if (outcome.problems.length === 0) return exitCodes.released;
  const { remedy } = new BadInput('GATE_REFUSED', { path: batch, detail: '' });
  io.stderr.write(`taster: nothing of ${safeText(batch)} may pass by ${safeText(verdict)}\n${remedy}\n`);
  return exitCodes.held;
}

function assertNewFolder(copyTo: string, batch: string): void {
  assertLocal('--copy-to', copyTo);
  assertOutside('--copy-to', copyTo, [batch]);
  // What is in it already nobody has verified.
  if (existsSync(copyTo)) throw new BadInput('COPY_EXISTS', { path: copyTo });
}

interface Answer {
  readonly outcome: GateOutcome;
  /** Where the verdict lies that was followed. */
  readonly verdict: string;
}

async function ask(batch: string, flags: GateFlags, io: CliIo): Promise<Answer> {
  const { copyTo } = flags;
  const trust = loadTrust(flags.trust);
  if (copyTo !== undefined) assertNewFolder(copyTo, batch);
  const found = await verdictToFollow(anyStore, batch, flags.verdict);
  io.stderr.write(supersededText(found));
  const { dataset, status, inPlace: isInPlace } = flags;
  const request = await gateRequest(anyStore, found, { batch, trust, dataset, status, isInPlace, now: Date.now() });
  const recorded = async (outcome: GateOutcome) => {
    await recordAnswer(anyStore, outcome, flags);
    return outcome;
  };
  const outcome =
    copyTo === undefined
      ? await recorded(await listThrough(request, flags))
      : await copyThrough(copyTo, request, recorded);
  return { outcome, verdict: found.uri };
}

/** The folder appears with every shard that may pass, or not at all. */
async function copyThrough(
  folder: string,
  request: Parameters<typeof passGate>[1],
  recorded: (outcome: GateOutcome) => Promise<GateOutcome>,
): Promise<GateOutcome> {
  await orWriteFailed(folder, () => mkdir(dirname(folder), { recursive: true }));
  const scratch = openScratch(dirname(folder));
  try {
    const part = join(scratch.folder, 'passed');
    const take = (path: string, content: Uint8Array) =>
      orWriteFailed(folder, async () => {
        await mkdir(dirname(join(part, path)), { recursive: true });
        await writeFile(join(part, path), content);
      });
    const outcome = await recorded(await passGate(anyStore, { ...request, take }));
    if (outcome.problems.length > 0) return outcome;
    await orWriteFailed(folder, () => rename(part, folder));
    return {
      ...outcome,
      passed: outcome.passed.map(({ version: _, ...shard }) => ({ ...shard, uri: join(folder, shard.path) })),
    };
  } finally {
    scratch.discard();
  }
}

/** For those who read them from what is printed. */
async function listThrough(request: Parameters<typeof passGate>[1], { json }: GateFlags): Promise<GateOutcome> {
  const outcome = await passGate(anyStore, request);
  return json === true ? outcome : withoutMisleading(outcome);
}

/** Paths that a reader of lines, or a shell or loader that expands patterns, would take for others. */
function withoutMisleading(outcome: GateOutcome): GateOutcome {
  const misleading = outcome.passed.filter(({ uri, path }) => safeText(uri) !== uri || /[*?[\]{}]/.test(path));
  if (misleading.length === 0) return outcome;
  const problems = misleading.map(({ path }) => `${path}: its name could be taken for others: use --copy-to`);
  return { ...outcome, passed: [], problems };
}

function print({ passed, heldBack, problems }: GateOutcome, { json }: GateFlags, { stdout, stderr }: CliIo): void {
  if (json === true) stdout.write(`${JSON.stringify({ passed, heldBack, problems }, null, 2)}\n`);
  else for (const { uri } of passed) stdout.write(`${safeText(uri)}\n`);
  for (const problem of problems) stderr.write(`taster: refused: ${safeText(problem)}\n`);
  if (problems.length === 0)
    stderr.write(`taster: ${count(passed.length, 'shard')} may pass, ${whole(heldBack)} held back\n`);
}

/** `taster gate`; hands its exit code to `finish`. */
export function gateCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('gate')
    .description('Lets through to training what a trusted scan has released, and only that.')
    .addArgument(new Argument('<batch>', 'folder or s3:// URI of shards'))
    .requiredOption('--trust <file>', 'JSON: whose verdicts count')
    .option(
      '--verdict <path>',
      'signed verdict, or the folder of released shards\nwhose last one holds, instead of <batch>',
    )
    .option(
      '--status <file>',
      'signed list of what was recalled; only a trust policy\nthat says "requireStatus": false does without',
    )
    .option('--dataset <name>', 'the stream that it must be about')
    .option('--in-place', 'the batch lies where it arrived: leave alone what\nits verdict does not know')
    .option('--copy-to <dir>', 'new folder for the verified bytes')
    .option('--audit <log>', 'add who passed or was refused to this audit log')
    .option('--consumer <name>', 'who is going to read, for the log of --audit')
    .option('--json', 'print paths, digests and problems as JSON')
    .addHelpText('after', afterHelp)
    .action(async (batch: string, flags: GateFlags) => finish(await run(batch, flags, io)));
}
