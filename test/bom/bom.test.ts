import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { envelopeText, seal } from '../../src/attest/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const [acme, scanner] = [keyPair(), keyPair()];
const schema = (name: string) =>
  JSON.parse(readFileSync(new URL(`schema/${name}.SNAPSHOT.schema.json`, import.meta.url), 'utf8')) as object;

/** The published schema without `format`, of which it uses what Ajv does not know by itself. */
function validate(bill: unknown): unknown {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ['spdx', 'jsf-0.82']) {
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const isBill = ajv.compile(schema('bom-1.6'));
  return isBill(bill) ? [] : isBill.errors;
}

const bom = (...more: string[]) =>
  taster('bom', at('batch'), '--verdict', at('report/verdict.json'), '--trust', at('trust.json'), ...more);
const manifest = ['--manifest', at('batch/_manifest.json')];

beforeAll(async () => {
  await writeFile(at('acme.pem'), privatePem(acme.own));
  await writeFile(at('scanner.pem'), privatePem(scanner.own));
  const senders = [{ name: 'acme', key: publicPem(acme.open), datasets: ['weather'] }];
  const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['weather'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, senders, verifiers, requireStatus: false }));
  await writeFile(at('raw.json'), 'raw');
  await writeFiles(at('trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  await writeFiles(at('batch'), { 'a.csv': tabularCsv('a', 200), 'bad.csv': tabularCsv('bad', 200, 0.5) });
  const created = ['--dataset', 'weather', '--source', 'acme', '--key', at('acme.pem'), '--parent', at('raw.json')];
  await taster('manifest', 'create', at('batch'), ...created);
  const trusting = ['--trust', at('trust.json'), '--dataset', 'weather'];
  const scanned = ['--baseline', at('trusted'), ...trusting, '--out', at('report'), '--sign', at('scanner.pem')];
  await taster('scan', at('batch'), ...scanned);
});

describe('taster bom', () => {
  it('is CycloneDX 1.6 of what the verdict releases, with what it rests on', async () => {
    const { exitCode, stdout, stderr } = await bom(...manifest);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const bill = JSON.parse(stdout);
    expect(validate(bill)).toEqual([]);
    const envelope = JSON.parse(await readFile(at('report/verdict.json'), 'utf8')) as { payload: string };
    const { predicate, subject } = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());
    const released = predicate.shards.filter((shard: { released: boolean }) => shard.released);
    expect(bill.components.map(({ name }: { name: string }) => name)).toEqual(
      released.map(({ name }: { name: string }) => name),
    );
    for (const [index, { digest }] of released.entries()) {
      expect(bill.components[index].hashes).toEqual([{ alg: 'SHA-256', content: digest.sha256 }]);
    }
    const { component } = bill.metadata;
    expect(component).toMatchObject({ type: 'data', group: 'weather', name: 'batch' });
    expect(component.hashes[0].content).toBe(subject[0].digest.sha256);
    expect(component.pedigree.ancestors).toMatchObject([{ name: 'raw.json' }]);
    expect(component.properties).toContainEqual({ name: 'taster:baseline', value: predicate.rests.baseline });
    expect(component.properties).toContainEqual({ name: 'taster:signed-by', value: 'scanner' });
  });

  it('is held by its schema to what it may say', () => {
    expect(validate({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ type: 'data' }] })).not.toEqual([]);
  });

  it('names the verdict that it rests on, the last one', async () => {
    const verdict = await readFile(at('report/verdict.json'));
    const { payload } = JSON.parse(`${verdict}`) as { payload: string };
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString());
    statement.predicate.timeVerified = new Date().toISOString();
    const later = envelopeText(seal(Buffer.from(JSON.stringify(statement)), [scanner.own]));
    await writeFiles(at('later'), { 'verdict.json': `${verdict}`, '_verdict-2.json': later });
    const { stdout } = await taster('bom', at('batch'), '--verdict', at('later'), '--trust', at('trust.json'));
    const [reference] = JSON.parse(stdout).metadata.component.externalReferences;
    expect(reference).toMatchObject({ type: 'attestation', url: '_verdict-2.json' });
  });

  it('is refused of a batch that was recalled, and without a list that the policy requires', async () => {
    const signing = ['--status', at('status.json'), '--key', at('scanner.pem')];
    await taster('recall', ...signing);
    expect(await bom('--status', at('status.json'))).toMatchObject({ exitCode: 0, stderr: '' });
    await taster('recall', at('report'), '--reason', 'planted', ...signing);
    const recalled = await bom('--status', at('status.json'));
    expect(recalled).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('recalled at') });
    const trust = JSON.parse(await readFile(at('trust.json'), 'utf8')) as object;
    await writeFile(at('strict.json'), JSON.stringify({ ...trust, requireStatus: undefined }));
    const named = ['--verdict', at('report/verdict.json'), '--trust', at('strict.json')];
    const without = await taster('bom', at('batch'), ...named);
    expect(without).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('no status list was given'),
    });
  });

  it('is refused without a verdict that counts, and with another manifest', async () => {
    const verdict = await readFile(at('report/verdict.json'), 'utf8');
    await writeFile(at('other.json'), verdict.replace(/"payload": "./, '"payload": "f'));
    const forged = await taster('bom', at('batch'), '--verdict', at('other.json'), '--trust', at('trust.json'));
    expect(forged).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('refused') });
    const manifestText = await readFile(at('batch/_manifest.json'), 'utf8');
    await writeFile(at('changed.json'), `${manifestText} `);
    expect(await bom('--manifest', at('changed.json'))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('the verdict rests on'),
    });
  });
});
