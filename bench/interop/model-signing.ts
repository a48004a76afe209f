import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTrust } from '../../src/config/index.js';
import { checkProvenance } from '../../src/verify/index.js';
import { pythonWith } from '../python-environment.js';
import { assertEqual, type Check } from './check.js';

const taster = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const dataset = 'models';
/** Whose signature each vector bears. */
const signers: Readonly<Record<string, (root: string) => object>> = {
  'elliptic-key': () => ({ key: 'keys/signing-key-pub.pem' }),
  certificate: () => ({ key: 'keys/ca-cert.pem', identity: 'intermediate-ca' }),
  sigstore: (root) => ({ key: root, identity: 'stefanb@us.ibm.com', issuer: 'https://sigstore.verify.ibm.com/oauth2' }),
};
const strangers: Readonly<Record<string, (root: string, other: string) => object>> = {
  'elliptic-key': (_, other) => ({ key: other }),
  certificate: () => ({ key: 'keys/ca-cert.pem', identity: 'someone else' }),
  sigstore: (root) => ({ key: root, identity: 'stefanb@us.ibm.com', issuer: 'https://accounts.google.com' }),
};
/** Of the bytes of a signature, so many are changed, one at a time. */
const MUTATIONS = 200;

interface Files {
  readonly [path: string]: string;
}

function check(folder: string, content: Uint8Array, files: Files, signer: object, now: number) {
  const policy = join(folder, policyName(signer));
  const arrived = Object.entries(files).map(([path, text]) => ({
    ...{ path, rows: null, bytes: text.length, sources: [] },
    sha256: createHash('sha256').update(text, 'latin1').digest('hex'),
  }));
  const expected = { trust: loadTrust(policy), dataset, batch: 'any', now };
  return checkProvenance(content, arrived, expected);
}

/** Why a manifest does not prove that these files are what was sent; nothing where it does. */
function doubts(folder: string, content: Uint8Array, files: Files, signer: object, now = Date.now()): string[] {
  const { provenance } = check(folder, content, files, signer, now);
  return [...provenance.batch, ...[...provenance.shards.values()].flat()].map(({ reason }) => reason);
}

async function writePolicy(folder: string, signer: object): Promise<void> {
  const senders = [{ name: 'signer', datasets: [dataset], ...signer }];
  await writeFile(join(folder, policyName(signer)), JSON.stringify({ version: 1, senders }));
}

/** Signatures by the reference implementation: as they are, and with everything that can be wrong with them. */
async function vectorChecks(data: string, folder: string, root: string): Promise<Check[]> {
  await cp(join(data, 'keys'), join(folder, 'keys'), { recursive: true });
  const vectors = (await readdir(data)).filter((name) => name !== 'keys').sort();
  const kindOf = (vector: string) => vector.slice(vector.indexOf('-') + 1);
  return vectors.flatMap((vector) => {
    const signer = signers[kindOf(vector)]?.(root) ?? {};
    const stranger = strangers[kindOf(vector)]?.(root, 'other.pub.pem') ?? {};
    const read = (name: string) => readFileSync(join(data, vector, name), 'latin1');
    const files = { 'signme-1': read('signme-1'), 'signme-2': read('signme-2') };
    const signature = readFileSync(join(data, vector, 'model.sig'));
    const ofFiles = (changed: Files, by = signer, content: Uint8Array = signature, now?: number) =>
      doubts(folder, content, changed, by, now);
    const refused = (reasons: readonly string[]) => assertEqual(reasons.length > 0, true, 'refusal');
    const cases: (readonly [string, () => void])[] = [
      ['verifies', () => assertEqual(ofFiles(files), [], 'doubts')],
      [
        'says under which identity it was signed',
        () => {
          const { manifest } = check(folder, signature, files, signer, Date.now());
          const told = manifest?.signatures.flatMap(({ identities }) => identities);
          assertEqual(told, 'identity' in signer ? [signer.identity] : [], 'who has signed');
        },
      ],
      ['verifies as it lies there', () => verifyFolder(folder, join(data, vector), signer)],
      ['refuses a changed file', () => assertEqual(ofFiles({ ...files, 'signme-2': 'x' }), ['bad-digest'], 'doubts')],
      [
        'refuses a missing file',
        () => assertEqual(ofFiles({ 'signme-1': files['signme-1'] }), ['missing-shard'], 'doubts'),
      ],
      ['refuses another file', () => assertEqual(ofFiles({ ...files, other: '' }), ['extra-shard'], 'doubts')],
      ['refuses another signer', () => assertEqual(ofFiles(files, stranger), ['unknown-key'], 'doubts')],
      [
        'refuses every change to the signature',
        () => mutated(signature).forEach((bytes) => refused(ofFiles(files, signer, bytes))),
      ],
      ...(kindOf(vector) === 'certificate'
        ? [
            [
              'refuses certificates that have expired',
              () => refused(ofFiles(files, signer, signature, Date.parse('2040-01-01'))),
            ] as const,
          ]
        : []),
    ];
    return cases.map(([what, run]) => ({ name: `model-signing/${vector} ${what}`, run: async () => run() }));
  });
}

/** The whole folder, with its signature and what that says to ignore. @throws where it does not verify */
function verifyFolder(folder: string, batch: string, signer: object): void {
  const named = [
    '--manifest',
    join(batch, 'model.sig'),
    '--trust',
    join(folder, policyName(signer)),
    '--dataset',
    dataset,
  ];
  execFileSync(process.execPath, [taster, 'manifest', 'verify', batch, ...named], { stdio: 'pipe' });
}

function policyName(signer: object): string {
  return `trust-${createHash('sha256').update(JSON.stringify(signer)).digest('hex')}.json`;
}

/** Of payload and signature, the parts that nobody may change. */
function mutated(signature: Uint8Array): Uint8Array[] {
  const bundle = JSON.parse(Buffer.from(signature).toString()) as { dsseEnvelope: Envelope };
  const { payload, signatures } = bundle.dsseEnvelope;
  const [{ sig }] = signatures;
  const flip = (text: string, part: number) => {
    const bytes = Buffer.from(text, 'base64');
    const at = Math.floor((part * bytes.length) / MUTATIONS);
    bytes[at] = (bytes[at] as number) ^ 1;
    return bytes.toString('base64');
  };
  return Array.from({ length: MUTATIONS }, (_, part) => [
    { ...bundle.dsseEnvelope, payload: flip(payload, part) },
    { ...bundle.dsseEnvelope, signatures: [{ sig: flip(sig, part), keyid: '' }] },
  ])
    .flat()
    .map((dsseEnvelope) => Buffer.from(JSON.stringify({ ...bundle, dsseEnvelope })));
}

interface Envelope {
  readonly payload: string;
  readonly signatures: readonly [{ readonly sig: string }];
}

/** What one implementation signs the other verifies, and refuses when it is changed. */
async function exchangeChecks(folder: string, python: string, namedCurve: 'P-256' | 'P-384'): Promise<Check[]> {
  const at = (...parts: string[]) => join(folder, namedCurve, ...parts);
  await mkdir(at('batch', 'deep'), { recursive: true });
  const files = { 'b.csv': 'x,label\n1,a\n', 'a.csv': 'x,label\n2,b\n', 'deep/ü c.csv': 'x,label\n3,a\n' };
  for (const [path, text] of Object.entries(files)) await writeFile(at('batch', path), text);
  await writeFile(at('batch', '_SUCCESS'), '');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  await writeFile(at('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(at('key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const reference = (command: string, signature: string, ...more: string[]) =>
    spawnSync(python, ['-m', 'model_signing', command, 'key', at('batch'), '--signature', at(signature), ...more])
      .status;
  const verifies = (signature: string) => reference('verify', signature, '--public_key', at('key.pub.pem')) === 0;
  const ours = async (signature: string) => {
    const options = ['--dataset', dataset, '--model-signing', '--key', at('key.pem'), '--out', at(signature)];
    execFileSync(process.execPath, [taster, 'manifest', 'create', at('batch'), ...options], { stdio: 'pipe' });
    assertEqual(verifies(signature), true, 'verification by the reference');
    await writeFile(at('batch', 'b.csv'), 'changed');
    const isCaught = !verifies(signature);
    await writeFile(at('batch', 'b.csv'), files['b.csv']);
    assertEqual(isCaught, true, 'refusal by the reference');
    await rm(at(signature));
  };
  const theirs = async () => {
    await rm(at('batch', '_SUCCESS'));
    assertEqual(reference('sign', 'theirs.sig', '--private_key', at('key.pem')), 0, 'exit code of the reference');
    const signer = { key: resolve(at('key.pub.pem')) };
    await writePolicy(folder, signer);
    const content = await readFile(at('theirs.sig'));
    assertEqual(doubts(folder, content, files, signer), [], 'doubts');
    assertEqual(doubts(folder, content, { ...files, 'a.csv': '' }, signer), ['bad-digest'], 'doubts');
  };
  return [
    { name: `model-signing: the reference verifies ours (${namedCurve})`, run: () => ours('ours.sig') },
    {
      name: `model-signing: the reference verifies ours in the folder (${namedCurve})`,
      run: () => ours('batch/model.sig'),
    },
    { name: `model-signing: we verify the reference’s (${namedCurve})`, run: theirs },
  ];
}

/** Signatures of OpenSSF Model Signing, both ways. */
export async function modelSigningChecks(data: string): Promise<{ checks: Check[]; stop: () => Promise<void> }> {
  const python = await pythonWith('model-signing', 'bench/interop/requirements.txt');
  const packages = resolve(python, '../../lib');
  const isRoot = (path: string) => /sigstore\/_store\/[^/]*sigstore\.dev\/trusted_root\.json$/.test(path);
  const found = (await readdir(packages, { recursive: true })).find(isRoot);
  if (found === undefined) throw new Error('The Python package sigstore brings no trusted root any more.');
  const root = join(packages, found);
  const folder = mkdtempSync(join(tmpdir(), 'taster-interop-'));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  await writeFile(join(folder, 'other.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  for (const by of [signers, strangers]) {
    for (const make of Object.values(by)) await writePolicy(folder, make(root, 'other.pub.pem'));
  }
  const checks = [
    ...(await vectorChecks(data, folder, root)),
    ...(await exchangeChecks(folder, python, 'P-256')),
    ...(await exchangeChecks(folder, python, 'P-384')),
  ];
  return { checks, stop: () => rm(folder, { recursive: true, force: true }) };
}
