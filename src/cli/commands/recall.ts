import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import type { SigningKey } from '../../attest/index.js';
import { type AuditedAct, readLog } from '../../audit/index.js';
import { type Environment, loadSigningKey } from '../../config/index.js';
import { BadInput, Transient } from '../../errors.js';
import { daysAfter, type FoundVerdict, findVerdicts, ownStatusList, statusListText } from '../../gate/index.js';
import { safeText } from '../../report/index.js';
import type { RecalledBatch } from '../../schema/index.js';
import { anyStore, createFile, saveFile } from '../../store/index.js';
import { record } from '../audit-trail.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { parseDays } from '../lifetime.js';
import { assertLocal } from '../output-folder.js';

interface RecallFlags {
  readonly status: string;
  readonly key: string;
  readonly reason?: string;
  readonly source?: string;
  readonly signer?: string;
  readonly trigger?: string;
  readonly since?: number;
  readonly days: number;
  readonly audit?: string;
  readonly json?: boolean;
}

/** The shorter, the sooner a gate that cannot see new lists refuses; each list has to be renewed in time. */
const STATUS_DAYS = 7;

const afterHelp = `
Examples:
  taster recall ./reports --source mallory --since 2026-03-01 \\
    --status status.json --key scanner.pem --reason "planted reviews"
  taster recall --status status.json --key scanner.pem

Adds the batches of the verdicts it finds to a signed list; \`taster gate
--status\` refuses them from then on, and everything once the list is too old.
Without places it renews the list.

Exit codes:
  0  the list is written, and says what was asked
  1  no verdict matches: nothing was recalled
  2  wrong list, key or command line
  3  the surroundings failed; try again`;

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a date, as 2026-03-01, or a time in UTC.');
  return time;
}

async function run(places: readonly string[], flags: RecallFlags, io: CliIo): Promise<ExitCode> {
  const { reason } = flags;
  if (places.length > 0 && !reason)
    throw new BadInput('USAGE', { detail: '--reason is missing: why are they recalled?' });
  assertLocal('--status', flags.status);
  const key = loadSigningKey(flags.key);
  return withLock(flags.status, () => recall(places, flags, key, io));
}

/** Of two at the same time one would lose what the other adds. */
async function withLock<T>(status: string, work: () => Promise<T>): Promise<T> {
  const lock = `${status}.lock`;
  if (!(await createFile(lock, new Uint8Array()))) {
    throw new Transient('WRITE_FAILED', {
      path: lock,
      detail: 'it is there: another recall is at work, or was stopped and left it',
    });
  }
  return work().finally(() => rm(lock, { force: true }));
}

async function recall(places: readonly string[], flags: RecallFlags, key: SigningKey, io: CliIo): Promise<ExitCode> {
  const { reason } = flags;
  const earlier = await readList(flags.status, key);
  const { matching, lastGood } = await findVerdicts(anyStore, places, flags);
  const now = new Date();
  if (places.length > 0 && matching.length === 0) {
    io.stderr.write('taster: no verdict matches: nothing was recalled\n');
    return exitCodes.held;
  }
  const known = new Set(earlier.map(({ sha256 }) => sha256));
  const fresh = new Map(matching.filter(({ sha256 }) => !known.has(sha256)).map((found) => [found.sha256, found]));
  const added = [...fresh.values()].map(({ batch, dataset, sha256 }) => ({
    ...{ batch, dataset, sha256 },
    ...{ reason: reason ?? '', recalled: now.toISOString() },
  }));
  const list = {
    issued: now.toISOString(),
    expires: daysAfter(now, flags.days).toISOString(),
    recalled: [...earlier, ...added],
  };
  const consumers = await consumersOf(flags.audit, matching);
  await record(flags.audit, ...added.map(recallAct));
  await saveFile(flags.status, Buffer.from(statusListText(list, key)));
  print({ matching, consumers, lastGood, reason: reason ?? null, list }, flags, io);
  return exitCodes.released;
}

/** What an earlier list holds; nothing where there is none. @throws BadInput STATUS_UNUSABLE */
async function readList(path: string, key: SigningKey): Promise<readonly RecalledBatch[]> {
  const found = await anyStore.find(dirname(path), basename(path));
  if (found === undefined) return [];
  const opened = ownStatusList(await anyStore.read(path), key);
  if ('problem' in opened) throw new BadInput('STATUS_UNUSABLE', { path, detail: opened.problem });
  return opened.list.recalled;
}

/** Who has passed the gate with one of the batches, as an audit log says. */
async function consumersOf(log: string | undefined, matching: readonly FoundVerdict[]): Promise<string[]> {
  if (log === undefined) return [];
  const meant = new Set(matching.map(({ sha256 }) => sha256));
  const { entries } = await readLog(anyStore, log);
  const passes = entries.filter(({ event, batch }) => event === 'gate-pass' && meant.has(batch?.sha256 ?? ''));
  return [...new Set(passes.map(({ by }) => by ?? 'somebody without a name'))];
}

function recallAct({ dataset, batch, sha256, reason }: RecalledBatch): AuditedAct {
  return { event: 'recall', dataset, batch: { name: batch, sha256 }, by: null, facts: { reason } };
}

interface Incident {
  readonly matching: readonly FoundVerdict[];
  readonly consumers: readonly string[];
  readonly lastGood: FoundVerdict | null;
  readonly reason: string | null;
  readonly list: { readonly recalled: readonly RecalledBatch[]; readonly expires: string };
}

function print(
  { matching, consumers, lastGood, reason, list }: Incident,
  { status, json }: RecallFlags,
  { stdout, stderr }: CliIo,
): void {
  if (json === true) {
    stdout.write(`${JSON.stringify({ reason, recalled: matching, consumers, lastGood }, null, 2)}\n`);
  } else {
    for (const { batch, dataset, verified, released } of matching) {
      stdout.write(
        safeText(`recalled  ${dataset}/${batch}, judged ${verified}: ${released.length} shards were released`),
      );
      stdout.write(`${released.map((name) => `\n            ${safeText(name)}`).join('')}\n`);
    }
    for (const consumer of consumers) stdout.write(`${safeText(`read by     ${consumer}`)}\n`);
    if (lastGood !== null)
      stdout.write(`${safeText(`last good   ${lastGood.dataset}/${lastGood.batch}, judged ${lastGood.verified}`)}\n`);
  }
  stderr.write(
    `taster: ${safeText(status)}: ${list.recalled.length} recalled in all; renew it before ${list.expires}\n`,
  );
}

/** `taster recall`; hands its exit code to `finish`. */
export function recallCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  return new Command('recall')
    .description('Takes back verdicts: the gate lets their batches through no more.')
    .addArgument(new Argument('[places...]', 'folders of reports with signed verdicts, or single verdicts'))
    .requiredOption('--status <file>', 'the signed list of what was recalled')
    .requiredOption('--key <file>', 'private key of a trusted verifier, PEM')
    .option('--reason <text>', 'why, for whoever is refused')
    .option('--source <name>', 'only batches with rows of this source')
    .option('--signer <name>', 'only batches whose manifest this sender signed')
    .option('--trigger <text>', 'only batches in which this trigger was found')
    .option('--since <date>', 'only verdicts from then on', parseTime)
    .option('--audit <log>', 'audit log: who read them; the recall is added to it')
    .option('--days <n>', 'how long the list counts', parseDays, STATUS_DAYS)
    .option('--json', 'print the incident as JSON')
    .addHelpText('after', afterHelp)
    .action(async (places: string[], flags: RecallFlags) => finish(await run(places, flags, io)));
}
