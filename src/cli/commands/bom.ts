import { Argument, Command } from 'commander';
import { type Environment, loadTrust } from '../../config/index.js';
import { BadInput } from '../../errors.js';
import {
  batchDigest,
  billOfMaterials,
  openVerdict,
  readFollowed,
  readStatusList,
  type ShardDetails,
  statusProblems,
  verdictToFollow,
} from '../../gate/index.js';
import { safeText } from '../../safe-text.js';
import { anyStore, saveFile, sha256Of } from '../../store/index.js';
import { MANIFEST_NAME, openManifest } from '../../verify/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { supersededText } from '../latest-verdict.js';
import { assertLocal } from '../output-folder.js';
import { readNamed } from '../read-named.js';

interface BomFlags {
  readonly trust: string;
  readonly verdict?: string;
  readonly status?: string;
  readonly dataset?: string;
  readonly manifest?: string;
  readonly out?: string;
}

const afterHelp = `
Examples:
  taster bom ./released/monday --trust trust.json --status status.json \\
    > monday.cdx.json
  taster bom ./batch --verdict ./report/verdict.json --trust trust.json \\
    --status status.json --manifest ./batch/${MANIFEST_NAME} --out monday.cdx.json

Says what a released batch consists of and what its verdict rests on, as
CycloneDX 1.6 with data components, from the verdict, once that is verified. It
does not read the shards: \`taster gate\` does. A manifest adds rows, sources and
what the batch was made from; only one that the verdict names is taken.

Exit codes:
  0  written
  1  refused: the verdict does not count, or its batch was recalled
  2  there is no verdict, or trust policy, manifest or command line are wrong
  3  the surroundings failed; try again`;

async function run(batch: string, flags: BomFlags, { stdout, stderr }: CliIo): Promise<ExitCode> {
  if (flags.out !== undefined) assertLocal('--out', flags.out);
  const found = await verdictToFollow(anyStore, batch, flags.verdict);
  stderr.write(supersededText(found));
  const followed = await readFollowed(anyStore, found);
  const opened = await openStanding(followed, flags);
  if ('problems' in opened) {
    for (const problem of opened.problems) stderr.write(`taster: refused: ${safeText(problem)}\n`);
    return exitCodes.held;
  }
  const said =
    flags.manifest === undefined
      ? NOTHING
      : await readManifest(flags.manifest, opened.statement.predicate.rests.manifest);
  const bill = billOfMaterials({
    ...opened,
    ...said,
    file: anyStore.nameOf(found.uri),
    sha256: sha256Of(followed.verdict),
  });
  const text = `${JSON.stringify(bill, null, 2)}\n`;
  if (flags.out === undefined) stdout.write(text);
  else await saveFile(flags.out, Buffer.from(text));
  return exitCodes.released;
}

type Followed = Awaited<ReturnType<typeof readFollowed>>;

/** As the gate: a verdict that counts, on a batch that was not recalled. */
async function openStanding({ verdict, earlier }: Followed, flags: BomFlags): Promise<ReturnType<typeof openVerdict>> {
  const expected = { trust: loadTrust(flags.trust), dataset: flags.dataset, now: Date.now(), earlier };
  const status = await readStatusList(anyStore, flags.status);
  const opened = openVerdict(verdict, expected);
  if ('problems' in opened) return opened;
  const { shards, dataset } = opened.statement.predicate;
  const problems = statusProblems(status, { sha256: batchDigest(shards), dataset }, expected);
  return problems.length > 0 ? { problems } : opened;
}

const NOTHING = { shards: new Map<string, ShardDetails>(), parents: [] };

/** @throws BadInput MANIFEST_UNUSABLE where it is not the one that was judged by; as ObjectStore.read */
async function readManifest(path: string, judged: string | null) {
  const content = await readNamed(path);
  const opened = openManifest(content);
  const remedy = 'Name the manifest that the batch was judged with, as it was then.';
  if ('problem' in opened) throw new BadInput('MANIFEST_UNUSABLE', { path, detail: opened.problem, remedy });
  if (sha256Of(content) !== judged) {
    throw new BadInput('MANIFEST_UNUSABLE', { path, detail: `the verdict rests on ${judged ?? 'none'}`, remedy });
  }
  const { shards, parents = [] } = opened.claim;
  return { shards: new Map(shards.map(({ name, annotations = {} }) => [name, annotations])), parents };
}

/** `taster bom`; hands its exit code to `finish`. */
export function bomCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('bom')
    .description('Prints the bill of materials of a released batch: CycloneDX.')
    .addArgument(new Argument('<batch>', 'folder or s3:// URI of shards'))
    .requiredOption('--trust <file>', 'JSON: whose verdicts count')
    .option('--verdict <path>', 'it, or its folder, instead of <batch>')
    .option('--status <file>', 'signed list of what was recalled; as for the gate')
    .option('--dataset <name>', 'the stream that it should be of')
    .option('--manifest <file>', 'adds what the sender has said of it')
    .option('--out <file>', 'write it there instead')
    .addHelpText('after', afterHelp)
    .action(async (batch: string, flags: BomFlags) => finish(await run(batch, flags, io)));
}
