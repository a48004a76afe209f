import { Argument, Command } from 'commander';
import { datasetOf, loadConfig, loadSigningKey } from '../../config/index.js';
import { BadInput } from '../../errors.js';
import { approve, findCandidate, propose, readCandidate } from '../../promote/index.js';
import { safeText } from '../../safe-text.js';
import type { BaselineComparison, Candidate } from '../../schema/index.js';
import { anyStore } from '../../store/index.js';
import { parseDigestStart } from '../digest-start.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { configOption, type ServiceFlags } from '../service.js';

interface PromoteFlags extends ServiceFlags {
  readonly from?: readonly string[];
  readonly with?: string;
  readonly by?: string;
  readonly candidate?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

const afterHelp = `
Examples:
  taster baseline promote weather --from monday tuesday --with ./trusted
  taster baseline promote weather --candidate 9f86d081…
  taster baseline promote weather --candidate 9f86d081… --key ann.pem \\
    --reason "seasonal change, looked through by hand"

The first line builds a candidate of the released rows of these batches, or of
all that are settled, and compares it with the last baseline and the first one.
The second shows that again. The third signs it; with as many signatures as the
trust policy asks for (requireApproval.baseline) it is what batches are judged
by from then on: \`taster rescan\` judges earlier ones by it as well.

Rows of one signer beyond signerShare of the policy are left out.

Exit codes:
  0  proposed, shown, or signed
  1  proposed, and a comparison would hold some of its rows: look at them
  2  wrong usage, configuration or candidate, or refused
  3  the surroundings failed; try again`;

async function run(name: string, flags: PromoteFlags, io: CliIo): Promise<ExitCode> {
  const config = loadConfig(flags.config);
  const dataset = datasetOf(config, name);
  const { candidate: start, key } = flags;
  if (start === undefined) {
    if (key !== undefined) throw new BadInput('USAGE', { detail: '--key signs a candidate: name it with --candidate' });
    const proposal = { batches: flags.from, trusted: flags.with, by: flags.by ?? null, scan: io.scan };
    const candidate = await propose(anyStore, dataset, config, proposal);
    print(candidate, flags, io);
    return candidate.comparisons.some(({ verdict }) => verdict !== 'release') ? exitCodes.held : exitCodes.released;
  }
  const sha256 = await findCandidate(anyStore, dataset, start);
  if (key === undefined) {
    print(await readCandidate(anyStore, dataset, sha256), flags, io);
    return exitCodes.released;
  }
  const { reason } = flags;
  if (!reason) throw new BadInput('USAGE', { detail: '--reason is missing: why may batches be judged by it?' });
  const approved = await approve(anyStore, dataset, { sha256, key: loadSigningKey(key), reason });
  const by = approved.signers.join(', ') || 'nobody whose signature counts';
  io.stdout.write(
    approved.isPromoted
      ? `${safeText(name)} is judged by ${sha256} from now on, version ${approved.candidate.number}; approved by ${safeText(by)}\n`
      : `${sha256} is approved by ${safeText(by)}; it takes ${approved.needed}\n`,
  );
  return exitCodes.released;
}

function print(candidate: Candidate, { json }: PromoteFlags, { stdout }: CliIo): void {
  stdout.write(
    json === true
      ? `${JSON.stringify(candidate, null, 2)}\n`
      : linesOf(candidate)
          .map((line) => `${safeText(line)}\n`)
          .join(''),
  );
}

function linesOf({ dataset, number, sha256, rows, batches, shares, leftOut, comparisons }: Candidate): string[] {
  return [
    `candidate     ${sha256}`,
    `for           ${dataset}, version ${number}`,
    `rows          ${rows} of ${batches.length} batches: ${batches.map(({ name }) => name).join(', ')}`,
    ...shares.map(({ signer, rows: own, leftOut: out }) => {
      const excess = out === 0 ? '' : `; ${out} beyond its share are left out`;
      return `signer        ${signer ?? 'nobody who is trusted'}: ${own} rows, ${percent(own, rows)}${excess}`;
    }),
    ...(leftOut === 0
      ? []
      : [`left out      ${leftOut} shards that were released in part or only because the dataset observes`]),
    ...comparisons.flatMap(comparisonLines),
  ];
}

const MOST_FINDINGS = 10;
const NAMES = { itself: 'with itself', last: 'with the last', first: 'with the first' } as const;

function comparisonLines({ with: name, verdict, heldShards, shards, findings }: BaselineComparison): string[] {
  const said = {
    release: 'nothing in its rows is out of the ordinary',
    quarantine: `${heldShards} of ${shards} files would be held`,
    unknown: 'cannot be said',
  }[verdict];
  const shown = findings.slice(0, MOST_FINDINGS).map(({ kind, subject, excessRows, pValue, summary }) => {
    const numbers = [
      ...(excessRows === null ? [] : [`about ${Math.round(excessRows)} rows`]),
      ...(pValue === null ? [] : [`p ${pValue.toPrecision(2)}`]),
    ];
    return `  ${kind}  ${subject}${numbers.length === 0 ? '' : ` (${numbers.join(', ')})`}: ${summary}`;
  });
  const more = findings.length - shown.length;
  return [`${NAMES[name].padEnd(14)}${said}`, ...shown, ...(more > 0 ? [`  and ${more} findings more: --json`] : [])];
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** `taster baseline promote`. */
export function promoteCommand(io: CliIo, finish: (code: ExitCode) => void): Command {
  return new Command('promote')
    .description(
      'Proposes a baseline of released rows, and has it take the place of the last one once enough people have signed it.',
    )
    .addArgument(new Argument('<dataset>', 'its name'))
    .addOption(configOption())
    .option('--from <batch...>', 'batches whose released rows it is made of')
    .option('--with <path>', 'rows that are trusted whoever has sent them, beside')
    .option('--by <name>', 'who proposes it, for the audit log')
    .option('--candidate <digest>', 'one that was proposed: to be shown, or signed with --key', parseDigestStart)
    .option('--key <file>', 'private key of an approver, PEM')
    .option('--reason <text>', 'why it may be used, for the audit log')
    .option('--json', 'print the candidate as JSON')
    .addHelpText('after', afterHelp)
    .action(async (name: string, flags: PromoteFlags) => finish(await run(name, flags, io)));
}
