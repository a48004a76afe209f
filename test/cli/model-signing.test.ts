import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleText, seal } from '../../src/attest/index.js';
import type { Report, VerdictStatement } from '../../src/schema/index.js';
import { sha256Of } from '../../src/store/index.js';
import { checkProvenance, modelSigningStatement } from '../../src/verify/index.js';
import { keyPair, privatePem, publicPem, trust, trusted } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const digits = (part: string) => fileURLToPath(new URL(`../../datasets/digits/${part}`, import.meta.url));
const at = temporaryFolder();
const [acme, scanner] = [keyPair('P-256'), keyPair()];
const options = ['--dataset', 'digits', '--trust', at('trust.json')];
const named = ['--manifest', at('batch/model.sig'), ...options];

interface Signed {
  readonly dsseEnvelope: { readonly payload: string };
}

async function statementOf(batch: string, ignored: readonly string[]) {
  const names = (await readdir(at(batch))).filter((name) => name.endsWith('.parquet'));
  const shards = names.map(async (path) => ({ path, sha256: sha256Of(await readFile(at(batch, path))) }));
  return modelSigningStatement(batch, await Promise.all(shards), ignored);
}

/** Signs the files as the reference implementation does, with paths to ignore, and puts that beside them. */
async function signIgnoring(...ignored: string[]): Promise<Buffer> {
  const statement = await statementOf('batch', ignored);
  const text = Buffer.from(bundleText(seal(Buffer.from(JSON.stringify(statement)), [acme.own])));
  await writeFile(at('batch/model.sig'), text);
  return text;
}

beforeAll(async () => {
  await cp(digits('incoming'), at('batch'), { recursive: true });
  for (const [name, { own }] of Object.entries({ acme, scanner })) await writeFile(at(`${name}.pem`), privatePem(own));
  const senders = [{ name: 'acme', key: publicPem(acme.open), datasets: ['digits'] }];
  const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['digits'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, senders, verifiers, requireStatus: false }));
});

describe('a signature of Model Signing in the folder that it signs', () => {
  it('names what it leaves out, so that others verify it, and can be made anew', async () => {
    await mkdir(at('small/deep'), { recursive: true });
    await writeFile(at('small/deep/a.csv'), 'x,label\n1,a\n');
    await writeFile(at('small/_SUCCESS'), '');
    const create = ['manifest', 'create', at('small'), '--dataset', 'digits', '--model-signing'];
    for (let time = 0; time < 2; time++) {
      const made = await taster(...create, '--key', at('acme.pem'), '--out', at('small/model.sig'));
      expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('1 shard, signed') });
    }
    const { dsseEnvelope } = JSON.parse(await readFile(at('small/model.sig'), 'utf8')) as Signed;
    const { predicate } = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as {
      predicate: { serialization: object; resources: readonly { name: string }[] };
    };
    expect(predicate.serialization).toMatchObject({ ignore_paths: ['_SUCCESS', 'model.sig'] });
    expect(predicate.resources.map(({ name }) => name)).toEqual(['deep/a.csv']);
    const verified = await taster('manifest', 'verify', at('small'), '--manifest', at('small/model.sig'), ...options);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 shard, signed by acme') });
  });

  it.each([
    ['--source', 'acme'],
    ['--days', '30'],
    ['--parent', at('trust.json')],
    ['--part-size', '1'],
  ])('is not made with %s, for which it has no place', async (option, value) => {
    const create = ['manifest', 'create', at('batch'), '--dataset', 'digits', '--model-signing'];
    const refused = await taster(...create, '--key', at('acme.pem'), '--out', at('no.sig'), option, value);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`has no place for ${option}:`) });
    expect(existsSync(at('no.sig'))).toBe(false);
  });

  it('counts for a dataset that has to be named', async () => {
    await signIgnoring('model.sig');
    const nameless = ['--manifest', at('batch/model.sig'), '--trust', at('trust.json')];
    for (const command of [['manifest', 'verify'], ['scan']]) {
      expect(await taster(...command, at('batch'), ...nameless)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('the signature names no dataset: say --dataset'),
      });
    }
  });

  it('is not made with a key that the reference implementation does not verify', async () => {
    const create = ['manifest', 'create', at('batch'), '--dataset', 'digits', '--model-signing'];
    const { exitCode, stderr } = await taster(...create, '--key', at('scanner.pem'), '--out', at('model.sig'));
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no Ed25519') });
  });

  it('verifies with what it says to ignore, and not with anything else', async () => {
    await signIgnoring('notes');
    await mkdir(at('batch/notes'), { recursive: true });
    await cp(at('batch/images-1.parquet'), at('batch/notes/evil.parquet'));
    expect(await taster('manifest', 'verify', at('batch'), ...named)).toMatchObject({ exitCode: 0 });
    await writeFile(at('batch/notes-2'), '');
    expect(await taster('manifest', 'verify', at('batch'), ...named)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('extra-shard  notes-2'),
    });
    await rm(at('batch/notes-2'));
  });

  it('names what it says to ignore, which holds the folder where nobody has signed that', async () => {
    expect((await taster('manifest', 'verify', at('batch'), ...named)).stdout).toMatch(
      /^advice {2}ignored-file {2}notes\/evil\.parquet: .*\n.*signed by acme\n$/,
    );
    await writeFile(at('unsigned.json'), JSON.stringify(await statementOf('batch', ['notes', 'model.sig'])));
    expect(await taster('manifest', 'verify', at('batch'), '--manifest', at('unsigned.json'))).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('holds   ignored-file  notes/evil.parquet: '),
    });
  });

  it('keeps what it says to ignore from being judged, released and let through', async () => {
    const scan = ['scan', at('batch'), '--baseline', digits('trusted'), ...named, '--sign', at('scanner.pem')];
    const { stderr } = await taster(...scan, '--out', at('report'));
    expect(stderr).not.toContain('model.sig');
    const report = JSON.parse(await readFile(at('report/report.json'), 'utf8')) as Report;
    expect(report.provenance).toMatchObject({
      signers: ['acme'],
      ignored: ['notes/evil.parquet'],
      manifestPath: 'model.sig',
    });
    expect(report.notes.join()).toContain('notes/evil.parquet. Train on none of them.');
    expect(report.shards).toHaveLength(8);
    const { payload } = JSON.parse(await readFile(at('report/verdict.json'), 'utf8')) as { payload: string };
    const { shards, beside } = (JSON.parse(Buffer.from(payload, 'base64').toString()) as VerdictStatement).predicate;
    expect([shards.length, beside]).toEqual([8, ['model.sig', 'notes/evil.parquet']]);

    const gate = ['gate', at('batch'), '--verdict', at('report/verdict.json'), '--trust', at('trust.json')];
    const held = `taster: 5 shards may pass, 3 held back`;
    const passed = { exitCode: 0, stderr: expect.stringContaining(held) };
    expect(await taster(...gate, '--copy-to', at('train'))).toMatchObject(passed);
    const bill = await taster('bom', ...gate.slice(1));
    expect(bill.stdout).toContain('"description": "5 released shards of 8"');
    const train = await readdir(at('train'), { recursive: true });
    expect(train).toHaveLength(shards.filter(({ released }) => released).length);
    expect(train.filter((name) => /evil|sig|notes/.test(name))).toEqual([]);
  }, 60_000);

  it('does not call a folder released that holds what it says to ignore', async () => {
    await cp(digits('trusted'), at('sound'), { recursive: true });
    await writeFile(at('sound/notes.csv'), 'x\n1\n');
    await writeFile(at('observe.json'), '{"mode": "observe"}');
    const sign = async (...ignored: string[]) => {
      const text = bundleText(seal(Buffer.from(JSON.stringify(await statementOf('sound', ignored))), [acme.own]));
      await writeFile(at('sound/model.sig'), text);
    };
    const scan = ['scan', at('sound'), '--manifest', at('sound/model.sig'), '--policy', at('observe.json'), ...options];
    await sign('notes.csv');
    expect(await taster(...scan)).toMatchObject({ exitCode: 1 });
    await rm(at('sound/notes.csv'));
    expect(await taster(...scan)).toMatchObject({ exitCode: 0 });
  }, 60_000);

  it('holds what it says to ignore where that is among the shards all the same', async () => {
    const content = await signIgnoring('images-1.parquet', 'notes');
    const sha256 = sha256Of(await readFile(at('batch/images-1.parquet')));
    const arrived = ['images-1.parquet', 'notes/evil.parquet'].map((path) => ({
      path,
      sha256,
      rows: 1,
      bytes: 1,
      sources: [],
    }));
    const expected = { dataset: 'digits', batch: 'batch', now: Date.now() };
    const policy = trust({ senders: [trusted(acme.open, { datasets: ['digits'] })] });
    const { provenance } = checkProvenance(content, arrived, { ...expected, trust: policy });
    for (const faults of provenance.shards.values())
      expect(faults).toMatchObject([{ reason: 'ignored-file', holds: true }]);
    // What is listed and ignored is missing from what was signed, as for the reference implementation.
    expect(provenance.batch.map(({ summary }) => summary).join()).toContain('lists images-1.parquet');
  });
});
