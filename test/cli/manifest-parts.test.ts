import { existsSync, rmSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ManifestStatement, Report } from '../../src/schema/index.js';
import { anyStore } from '../../src/store/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const at = temporaryFolder();
const acme = keyPair();
const trusting = ['--trust', at('trust.json'), '--dataset', 'weather'];
const create = (...more: string[]) =>
  taster('manifest', 'create', at('batch'), '--dataset', 'weather', '--key', at('acme.pem'), ...more);
const verify = (...more: string[]) => taster('manifest', 'verify', at('batch'), ...trusting, ...more);

async function statement(): Promise<ManifestStatement> {
  const { payload } = JSON.parse(await readFile(at('batch/_manifest.json'), 'utf8')) as { payload: string };
  return JSON.parse(Buffer.from(payload, 'base64').toString()) as ManifestStatement;
}

beforeAll(async () => {
  await writeFile(at('acme.pem'), privatePem(acme.own));
  const senders = [{ name: 'acme', key: publicPem(acme.open), datasets: ['weather'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, senders }));
  await writeFile(at('raw.json'), 'what it was made from');
  await writeFiles(at('trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  await writeFiles(at('batch'), { 'large.csv': tabularCsv('large', 45_000), 'small.csv': tabularCsv('small', 100) });
});

describe('a manifest', () => {
  it('shows nothing where nobody has said whose signatures count', async () => {
    expect(await create()).toMatchObject({ exitCode: 0 });
    expect(await taster('manifest', 'verify', at('batch'))).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('nobody vouches for it: say with --trust whose signatures count'),
    });
    expect(await verify()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('signed by acme') });
  });

  it('is made of what was read once, of which parts and the whole are hashed', async () => {
    const large = await readFile(at('batch/large.csv'));
    const { read } = anyStore;
    vi.spyOn(anyStore, 'read').mockImplementation((uri, version) => {
      if (!uri.endsWith('large.csv') || !existsSync(uri)) return read(uri, version);
      rmSync(uri);
      return Promise.resolve(large);
    });
    expect(await create('--part-size', '1')).toMatchObject({ exitCode: 0 });
    vi.restoreAllMocks();
    await writeFile(at('batch/large.csv'), large);
    expect((await statement()).subject[0]?.annotations?.parts?.sha256).toHaveLength(3);
    expect(await verify()).toMatchObject({ exitCode: 0 });
  });

  it('says of large shards what their parts are, of each what its columns are, and what it was made from', async () => {
    expect(await create('--part-size', '1', '--parent', at('raw.json'))).toMatchObject({ exitCode: 0 });
    const { subject, predicate } = await statement();
    const [large, small] = subject.map(({ annotations }) => annotations);
    expect(large?.parts?.sha256).toHaveLength(Math.ceil((large?.bytes ?? 0) / 2 ** 20));
    expect(large?.parts?.sha256.length).toBeGreaterThan(1);
    expect(small).not.toHaveProperty('parts');
    expect(small?.schema).toBe(large?.schema);
    expect(predicate.parents).toEqual([{ name: 'raw.json', digest: { sha256: expect.any(String) } }]);
    expect(await verify('--parent', at('raw.json'))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('signed by acme'),
    });
    const other = await verify('--parent', at('trust.json'));
    expect(other).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('other-parent') });
  });

  it('tells which part of a shard was changed, or that one is missing', async () => {
    await create('--part-size', '1');
    const before = await readFile(at('batch/large.csv'));
    const file = await open(at('batch/large.csv'), 'r+');
    await file.write('#', 2 ** 20 + 5);
    await file.close();
    expect((await verify()).stdout).toContain(
      'bad-digest  large.csv: of its 3 parts these are others than the manifest says: 2:',
    );
    await writeFile(at('batch/large.csv'), before.subarray(0, 2 ** 20));
    expect((await verify()).stdout).toContain('it has 1 parts, the manifest lists 3');
    await writeFile(at('batch/large.csv'), before);
    expect(await verify()).toMatchObject({ exitCode: 0 });
  });

  it('holds a shard whose columns are others than it says', async () => {
    await create('--part-size', '1');
    const said = await statement();
    const lie = {
      ...said,
      subject: said.subject.map((shard) => ({
        ...shard,
        annotations: { ...shard.annotations, schema: 'a'.repeat(64) },
      })),
    };
    await writeFile(at('lie.json'), JSON.stringify(lie));
    const scan = (...more: string[]) => taster('scan', at('batch'), '--baseline', at('trusted'), '--json', ...more);
    const report = JSON.parse((await scan('--manifest', at('lie.json'))).stdout) as Report;
    const found = report.findings.filter(({ kind }) => kind === 'integrity');
    expect(found.map(({ subject }) => subject)).toEqual(['large.csv', 'small.csv']);
    expect(found[0]?.evidence.summary).toContain('its columns have the digest');
    const honest = JSON.parse((await scan(...trusting)).stdout) as Report;
    expect(honest.findings.filter(({ kind }) => kind === 'integrity' || kind === 'provenance')).toEqual([]);
  });
});
