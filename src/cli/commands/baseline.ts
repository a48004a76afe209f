import { lstat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { buildBaseline, MOST_EXEMPLARS, peekArtefact } from '../../baseline/index.js';
import { type BackendChoice, backends, type Environment, loadPolicy, version } from '../../config/index.js';
import { BadInput, messageOf, Transient } from '../../errors.js';
import type { ScanRequest } from '../../pipeline.js';
import { renderBaseline, type ScanOutcome } from '../../report/index.js';
import { anyStore, saveFile } from '../../store/index.js';
import { type ColumnFlags, columnsOf, withColumnOptions } from '../columns.js';
import { type CliIo, type ExitCode, exitCodes, type Output } from '../io.js';
import { assertLocal, assertOutside } from '../output-folder.js';
import { progressLine } from '../progress.js';
import { promoteCommand } from './promote.js';

interface BuildFlags extends ColumnFlags {
  readonly out: string;
  readonly contract?: string;
  readonly backend?: BackendChoice;
  readonly exemplars?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const afterHelp = `
Examples:
  taster baseline build ./trusted --out species.taster
  taster baseline show species.taster
  taster scan ./batch --baseline species.taster
  taster baseline promote species --from monday tuesday`;

const afterBuildHelp = `
Columns that no option names are guessed, and shown as guessed. The file holds
what was learnt from the rows, not the rows: docs/baseline.md lists what. With
--exemplars it also holds some rows as they are; then whoever may read the file
must be one who may read the rows.

Exit codes:
  0  the baseline was written
  2  wrong usage, or rows that nothing can be learnt from
  3  the surroundings failed: disk, permission, memory; try again`;

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
    const detail = messageOf(cause);
    throw new Transient('WRITE_FAILED', { path, detail }, cause);
  }
}

/** Found out before the fit, which takes long. */
async function assertWritable(trusted: string, { out, force = false }: BuildFlags): Promise<void> {
  assertLocal('--out', out);
  assertOutside('--out', out, [trusted]);
  if (!force && (await exists(out))) throw new BadInput('OUTPUT_EXISTS', { path: out });
}

function styleOf(stdout: Output, { noColor }: Environment) {
  return { color: stdout.isTTY === true && !noColor, width: Math.min(stdout.columns || 80, 80) };
}

/** Poison among trusted rows is taken for truth, so it is looked for first; why not, where that cannot be done. */
async function scanItself(
  trusted: string,
  request: Pick<ScanRequest, 'columns' | 'backend'>,
  io: CliIo,
  onProgress: ScanRequest['onProgress'] & {},
): Promise<ScanOutcome | string> {
  try {
    return await io.scan({ ...request, batch: [trusted], policy: loadPolicy(undefined), processes: 0, onProgress });
  } catch (error) {
    if (error instanceof BadInput) return error.message;
    throw error;
  }
}

async function runBuild(trusted: string, flags: BuildFlags, io: CliIo, environment: Environment): Promise<void> {
  await assertWritable(trusted, flags);
  const columns = columnsOf(flags, flags.contract);
  const backend = flags.backend ?? environment.backend;
  const progress = await progressLine(io.stderr, !environment.ci && flags.quiet !== true, !environment.noColor);
  try {
    const itself =
      flags.quiet === true ? undefined : await scanItself(trusted, { columns, backend }, io, progress.show);
    progress.show({ stage: 'baseline', done: 0, total: 1 });
    const request = { trusted, columns, backend, exemplars: flags.exemplars === true, taster: version };
    const { baseline, artefact } = await buildBaseline(anyStore, request);
    await saveFile(flags.out, artefact.bytes);
    progress.clear();
    if (flags.quiet === true) return;
    const { header, sha256, bytes } = artefact;
    const summary = { path: flags.out, header, sha256, bytes: bytes.length, notes: baseline.notes, itself };
    io.stdout.write(renderBaseline(summary, styleOf(io.stdout, environment)));
  } finally {
    progress.clear();
  }
}

function buildCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  const building = new Command('build')
    .description('Learns from trusted rows once and writes it to a file.')
    .argument('<trusted>', 'file, folder or s3:// URI of rows you trust')
    .requiredOption('--out <file>', 'the file to write');
  return withColumnOptions(building)
    .option('--contract <file>', 'JSON: what columns are for and may hold')
    .addOption(new Option('--backend <name>', 'tensor backend').choices(backends))
    .option('--exemplars', `keep values of up to ${MOST_EXEMPLARS} trusted rows in the file, to show in reports`)
    .option('--force', 'replace a file of that name')
    .option('--quiet', 'print nothing but errors')
    .addHelpText('after', afterBuildHelp)
    .action(async (trusted: string, flags: BuildFlags) => {
      await runBuild(trusted, flags, io, environment);
      finish(exitCodes.released);
    });
}

function showCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('show')
    .description('Tells what a built baseline was learnt from; its content is checked when a scan reads it.')
    .argument('<file>', 'a file, or s3:// URI of one, that `taster baseline build` wrote')
    .action(async (path: string) => {
      const summary = { path, ...(await peekArtefact(anyStore, path)), notes: [], itself: undefined };
      io.stdout.write(renderBaseline(summary, styleOf(io.stdout, environment)));
      finish(exitCodes.released);
    });
}

/** `taster baseline build`, `show` and `promote`; hands its exit code to `finish`. */
export function baselineCommand(io: CliIo, environment: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('baseline')
    .description('Learns from trusted rows once, for many scans.')
    .addCommand(buildCommand(io, environment, finish))
    .addCommand(showCommand(io, environment, finish))
    .addCommand(promoteCommand(io, finish))
    .addHelpText('after', afterHelp);
}
