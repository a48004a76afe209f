import { readdirSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { bundleText, envelopeText, publicKeyOf, seal } from '../../attest/index.js';
import { type Environment, loadSigningKey, loadTrust } from '../../config/index.js';
import { count } from '../../count.js';
import { BadInput } from '../../errors.js';
import { daysAfter } from '../../gate/index.js';
import {
  hashParts,
  hashPartsOf,
  locateShards,
  PART_BYTES,
  type PinnedShard,
  parseShard,
  pinShard,
  type Shard,
  schemaDigest,
} from '../../intake/index.js';
import { readManifest } from '../../pipeline/prove-origin.js';
import { safeText } from '../../safe-text.js';
import type { ManifestParent } from '../../schema/index.js';
import { anyStore, saveFile, sha256Of } from '../../store/index.js';
import {
  type ArrivedShard,
  checkProvenance,
  type GivenManifest,
  MANIFEST_NAME,
  makeManifest,
  modelSigningStatement,
  openManifest,
  type ProvenanceFault,
  requireNamedDataset,
  type SentShard,
  setAsideIgnored,
} from '../../verify/index.js';
import { type CliIo, type ExitCode, exitCodes } from '../io.js';
import { parseDays } from '../lifetime.js';
import { assertLocal } from '../output-folder.js';
import { readNamed } from '../read-named.js';

interface CreateFlags {
  readonly dataset: string;
  readonly source?: string;
  readonly days?: number;
  readonly key?: string;
  readonly out?: string;
  readonly modelSigning?: boolean;
  readonly parent?: readonly string[];
  readonly partSize?: number;
}

interface VerifyFlags {
  readonly manifest?: string;
  readonly trust?: string;
  readonly dataset?: string;
  readonly parent?: readonly string[];
}

/** What signatures of Model Signing cannot say. */
const UNWRITABLE = ['source', 'days', 'parent', 'partSize'] as const;

const createHelp = `
Example:
  openssl genpkey -algorithm ed25519 -out acme.pem
  openssl pkey -in acme.pem -pubout -out acme.pub.pem
  taster manifest create ./batch --dataset weather --source acme --key acme.pem

The manifest is written to ./batch/${MANIFEST_NAME}, where a scan finds it.`;

const verifyHelp = `
Example:
  taster manifest verify ./batch --trust trust.json --dataset weather

Exit codes:
  0  the batch is what a trusted sender has signed, or has only faults that the
     trust policy takes as advice
  1  it is not, or nothing shows that it is: always so without --trust
  2  trust policy, manifest or command line are wrong`;

const MIB = 2 ** 20;

function parsePartSize(text: string): number {
  const size = Number(text);
  if (Number.isSafeInteger(size) && size >= 1 && size <= 1024) return size * MIB;
  throw new InvalidArgumentError('It must be a whole number from 1 to 1024.');
}

async function create(batch: string, flags: CreateFlags, { stderr }: CliIo): Promise<ExitCode> {
  const key = flags.key === undefined ? undefined : loadSigningKey(flags.key);
  if (flags.modelSigning === true) {
    const usage = (detail: string) => new BadInput('USAGE', { detail });
    const unwritable = UNWRITABLE.find((name) => flags[name] !== undefined);
    if (unwritable !== undefined) {
      const option = unwritable === 'partSize' ? 'part-size' : unwritable;
      throw usage(`--model-signing has no place for --${option}: such a signature names files and digests alone`);
    }
    if (key === undefined || flags.out === undefined) throw usage('--model-signing needs --key, and --out with a file');
    if (publicKeyOf(key).asymmetricKeyType === 'ed25519') {
      throw usage('--model-signing needs a key on P-256 or P-384: the reference implementation verifies no Ed25519');
    }
  }
  const target = flags.out ?? `${batch}/${MANIFEST_NAME}`;
  assertLocal('--out', target);
  const shards = await listShards(batch, target, flags.partSize ?? PART_BYTES);
  const parents = await readParents(flags.parent ?? []);
  await saveFile(target, Buffer.from(manifestText(batch, { shards, parents }, flags, key)));
  const how = key === undefined ? 'not signed: sign it with `taster manifest sign`' : 'signed';
  stderr.write(`taster: ${safeText(target)}: ${count(shards.length, 'shard')}, ${how}\n`);
  return exitCodes.released;
}

/** Without what the manifest itself replaces. */
async function listShards(batch: string, target: string, partBytes: number): Promise<SentShard[]> {
  const shards: SentShard[] = [];
  for (const shard of await locateShards(anyStore, [batch])) {
    const file = anyStore.fileOf(shard.uri);
    if (file !== undefined && resolve(file) === resolve(target)) continue;
    const pinned = await pinShard(anyStore, shard);
    const { path, sha256, bytes } = pinned;
    // The parts on other cores while this one parses.
    const [parts, table] = await Promise.all([partsOf(pinned, partBytes), parseShard(pinned)]);
    const schema = schemaDigest(table.schema);
    shards.push({ path, sha256, bytes, rows: table.numRows, schema, ...(parts === undefined ? {} : { parts }) });
  }
  return shards;
}

/** What lies in the folder of a batch and is none of its shards, and its manifest where it will lie there. */
function besideShards(batch: string, target: string, shards: readonly SentShard[]): string[] {
  const folder = anyStore.fileOf(batch);
  if (folder === undefined || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const signed = new Set(shards.map(({ path }) => path));
  const own = relative(folder, target);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [] : [relative(folder, resolve(entry.parentPath, entry.name))],
  );
  return [...new Set([...files, ...(own.startsWith('..') ? [] : [own])])].filter((path) => !signed.has(path)).sort();
}

/** Of shards larger than one part. */
async function partsOf({ content }: PinnedShard, partBytes: number): Promise<SentShard['parts']> {
  if (content.length <= partBytes) return undefined;
  return { bytes: partBytes, sha256: await hashPartsOf(content, partBytes) };
}

async function readParents(paths: readonly string[]): Promise<ManifestParent[]> {
  const read = paths.map(async (path) => ({
    name: anyStore.nameOf(path),
    digest: { sha256: sha256Of(await readNamed(path)) },
  }));
  return Promise.all(read);
}

function manifestText(
  batch: string,
  { shards, parents }: { readonly shards: readonly SentShard[]; readonly parents: readonly ManifestParent[] },
  { dataset, source, days, modelSigning, out = '' }: CreateFlags,
  key: ReturnType<typeof loadSigningKey> | undefined,
): string {
  const name = anyStore.nameOf(batch);
  const created = new Date();
  const statement =
    modelSigning === true
      ? modelSigningStatement(name, shards, besideShards(batch, out, shards))
      : makeManifest(shards, {
          dataset,
          batch: name,
          ...(source === undefined ? {} : { source }),
          created,
          ...(days === undefined ? {} : { expires: daysAfter(created, days) }),
          parents,
        });
  const text = JSON.stringify(statement, null, 2);
  if (key === undefined) return `${text}\n`;
  const envelope = seal(Buffer.from(text), [key]);
  return modelSigning === true ? bundleText(envelope) : envelopeText(envelope);
}

async function sign(path: string, { key, out = path }: { key: string; out?: string }, { stderr }: CliIo) {
  assertLocal('--out', out);
  const signingKey = loadSigningKey(key);
  const content = await readNamed(path);
  const opened = openManifest(content);
  if ('problem' in opened) {
    const remedy = 'Make it with `taster manifest create`.';
    throw new BadInput('MANIFEST_UNUSABLE', { path, detail: opened.problem, remedy });
  }
  const own = seal(opened.signed?.payload ?? content, [signingKey]);
  const others = (opened.signed?.envelope.signatures ?? []).filter(({ keyid }) => keyid !== own.signatures[0]?.keyid);
  await saveFile(out, Buffer.from(envelopeText({ ...own, signatures: [...others, ...own.signatures] })));
  stderr.write(`taster: ${safeText(out)}: signed by ${others.length + 1}\n`);
  return exitCodes.released;
}

async function verify(batch: string, flags: VerifyFlags, { stdout }: CliIo): Promise<ExitCode> {
  const trust = flags.trust === undefined ? undefined : loadTrust(flags.trust);
  const given = await readManifest(anyStore, [batch], flags.manifest);
  const content = given?.content;
  requireNamedDataset(content, { trust, dataset: flags.dataset });
  if (content === undefined && trust === undefined) {
    const remedy = 'Make one with `taster manifest create`, or name it with --manifest.';
    throw new BadInput('MANIFEST_UNUSABLE', { path: `${batch}/${MANIFEST_NAME}`, detail: 'is not there', remedy });
  }
  const { shards, beside } = setAsideIgnored(anyStore, await locateShards(anyStore, [batch]), given);
  const arrived = await hashShards(shards, given);
  const { provenance, manifest } = checkProvenance(content, arrived, {
    trust,
    dataset: flags.dataset,
    batch: anyStore.nameOf(batch),
    now: Date.now(),
  });
  const parents = await readParents(flags.parent ?? []);
  const strangers = parentFaults(manifest?.claim.parents ?? [], parents);
  const signers = manifest?.signers ?? [];
  const found: (readonly [fault: ProvenanceFault, path?: string])[] = [
    ...[...provenance.batch, ...strangers].map((fault) => [fault] as const),
    ...[...provenance.shards].flatMap(([path, faults]) => faults.map((fault) => [fault, path] as const)),
  ];
  const ignored = beside.ignored.map((path) => [ignoredFault(signers), path] as const);
  const all = [...found, ...ignored];
  stdout.write(all.map(([fault, path]) => line(fault, path)).join(''));
  if (all.some(([{ holds }]) => holds)) return exitCodes.held;
  const proven =
    signers.length > 0 ? `signed by ${signers.join(', ')}` : 'complete and unchanged; nobody vouches for it';
  const without = trust === undefined ? ': say with --trust whose signatures count' : '';
  if (found.length === 0)
    stdout.write(`${safeText(`${batch}: ${count(arrived.length, 'shard')}, ${proven}${without}`)}\n`);
  // What anybody could have written shows nothing.
  return trust === undefined ? exitCodes.held : exitCodes.released;
}

/** Rows and sources would take parsing: a scan compares those. Large shards are hashed by the parts that are listed. */
async function hashShards(shards: readonly Shard[], manifest: GivenManifest | undefined): Promise<ArrivedShard[]> {
  const opened = manifest && openManifest(manifest.content);
  const claimed = opened === undefined || 'problem' in opened ? [] : opened.claim.shards;
  const listed = new Map(claimed.map((shard) => [shard.name, shard]));
  const arrived: ArrivedShard[] = [];
  for (const shard of shards) {
    const { path, bytes, uri } = shard;
    const [file, parts] = [anyStore.fileOf(uri), listed.get(path)?.annotations?.parts];
    const unread = { path, bytes, rows: null, sources: [] };
    arrived.push(
      file === undefined || parts === undefined
        ? { ...unread, sha256: (await pinShard(anyStore, shard)).sha256 }
        : { ...unread, sha256: null, parts: await hashParts(file, parts.bytes) },
    );
  }
  return arrived;
}

/** Who is known may say what is no data; what nobody vouches for says it in vain. */
function ignoredFault(signers: readonly string[]): ProvenanceFault {
  const summary = 'the manifest says to ignore it: it is not compared with anything, and no scan judges it';
  return { kind: 'provenance', reason: 'ignored-file', summary, holds: signers.length === 0 };
}

function parentFaults(said: readonly ManifestParent[], given: readonly ManifestParent[]): ProvenanceFault[] {
  const known = new Set(said.map(({ digest }) => digest['sha256']));
  return given
    .filter(({ digest }) => !known.has(digest['sha256']))
    .map(({ name }) => {
      const summary = `the manifest does not say that the batch was made from ${name} as it is`;
      return { kind: 'provenance', reason: 'other-parent', summary, holds: true };
    });
}

function line({ reason, summary, holds }: ProvenanceFault, path?: string): string {
  const about = path === undefined ? summary : `${path}: ${summary}`;
  return `${holds ? 'holds ' : 'advice'}  ${reason}  ${safeText(about)}\n`;
}

/** `taster manifest create`, `sign` and `verify`. */
export function manifestCommand(io: CliIo, _: Environment, finish: (code: ExitCode) => void): Command {
  const creating = new Command('create')
    .description('Writes down what a batch consists of, for its receiver to check.')
    .addArgument(new Argument('<batch>', 'folder or s3:// URI of shards'))
    .requiredOption('--dataset <name>', 'the stream of batches that it is meant for')
    .option('--source <name>', 'who or what all of its rows come from')
    .option('--days <n>', 'how long it may be accepted', parseDays)
    .option('--key <file>', 'private key to sign with, PEM')
    .option('--out <file>', `where to write it instead of <batch>/${MANIFEST_NAME}`)
    .option('--parent <file...>', 'what the batch was made from: manifests, verdicts, files')
    .option('--part-size <MiB>', 'digests of such parts of larger shards', parsePartSize)
    .option('--model-signing', 'as OpenSSF Model Signing writes it (model.sig)')
    .addHelpText('after', createHelp)
    .action(async (batch: string, flags: CreateFlags) => finish(await create(batch, flags, io)));
  const signing = new Command('sign')
    .description('Adds a signature to a manifest.')
    .addArgument(new Argument('<manifest>', 'file that `taster manifest create` wrote'))
    .requiredOption('--key <file>', 'private key, PEM: Ed25519, P-256 or P-384')
    .option('--out <file>', 'where to write it instead of in its place')
    .action(async (path: string, flags: { key: string; out?: string }) => finish(await sign(path, flags, io)));
  const verifying = new Command('verify')
    .description('Says whether a batch is what its sender has signed, without judging rows.')
    .addArgument(new Argument('<batch>', 'folder or s3:// URI of shards'))
    .option('--trust <file>', 'JSON: whose signatures count')
    .option('--dataset <name>', 'the stream that it should be for')
    .option('--manifest <file>', `instead of <batch>/${MANIFEST_NAME}`)
    .option('--parent <file...>', 'files that it should have been made from')
    .addHelpText('after', verifyHelp)
    .action(async (batch: string, flags: VerifyFlags) => finish(await verify(batch, flags, io)));
  return new Command('manifest')
    .description('Writes, signs and checks what a sender says of a batch.')
    .addCommand(creating)
    .addCommand(signing)
    .addCommand(verifying);
}
