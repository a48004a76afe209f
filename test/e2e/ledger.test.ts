import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { run } from './command.js';

const BATCHES = 4;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-e2e-ledger-'));
  await writeFiles(join(folder, 'trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  for (let batch = 0; batch < BATCHES; batch++) {
    await writeFiles(join(folder, `batch-${batch}`), {
      'a.csv': withSources(batch, [tabularCsv(`${batch}a`, 150), tabularCsv(`${batch}bad`, 150, 0.08)]),
      'b.csv': withSources(batch, [tabularCsv(`${batch}b`, 150), tabularCsv(`${batch}bad too`, 150, 0.08)]),
    });
  }
  for (let batch = 0; batch < BATCHES; batch++) await scan(batch, `out-${batch}`);
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows of the second text are from mallory, the others from three people. */
function withSources(batch: number, [good = '', bad = '']: readonly string[]): string {
  const [head, ...sound] = good.trim().split('\n');
  const people = ['ann', 'ben', 'cleo'];
  return [
    `${head},source`,
    ...sound.map((line, row) => `${line},${people[(row + batch) % 3]}`),
    ...bad
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => `${line},mallory`),
    '',
  ].join('\n');
}

function scan(batch: number, out: string, ...options: string[]) {
  const paths = ['--baseline', join(folder, 'trusted'), '--ledger', join(folder, 'ledger'), '--out', join(folder, out)];
  return run(['scan', join(folder, `batch-${batch}`), ...paths, '--source', 'source', '--quiet', ...options]);
}

const reportIn = async (out: string) => JSON.parse(await readFile(join(folder, out, 'report.json'), 'utf8'));

describe('taster scan --ledger', () => {
  it('condemns a source for what it did in batch after batch', async () => {
    const report = await reportIn(`out-${BATCHES - 1}`);
    const found = report.findings.filter((finding: { kind: string }) => finding.kind === 'slow-drip');
    expect(found).toMatchObject([{ scope: 'source', subject: 'mallory' }]);
    expect(report.ledger).toMatchObject({ batches: BATCHES - 1, leftOut: 0, sources: 4 });
    expect(report.verdict).toBe('quarantine');
    const page = await readFile(join(folder, `out-${BATCHES - 1}`, 'report.html'), 'utf8');
    expect(page).toContain('in batch after batch');
  });

  it('adds one entry for each batch', async () => {
    const names = await readdir(join(folder, 'ledger'));
    const entries = await Promise.all([...Array(BATCHES).keys()].map((batch) => reportIn(`out-${batch}`)));
    expect(names.sort()).toEqual(entries.map(({ ledger }) => `${ledger.entry}.json`).sort());
  });

  it('says the same of the last batch again, in more processes too', async () => {
    await scan(BATCHES - 1, 'again', '--processes', '2');
    for (const name of ['report.json', 'report.html', 'rows.arrow'])
      expect(await readFile(join(folder, 'again', name))).toEqual(
        await readFile(join(folder, `out-${BATCHES - 1}`, name)),
      );
    expect(await readdir(join(folder, 'ledger'))).toHaveLength(BATCHES);
  });

  it('counts what a signer spoils against that signer alone, and against nobody where a manifest is of other rows', async () => {
    const senders = [];
    for (const name of ['mallory labs', 'acme']) {
      const { own, open } = keyPair();
      await writeFile(join(folder, `${name}.pem`), privatePem(own));
      senders.push({ name, key: publicPem(open), datasets: ['mail'] });
    }
    await writeFile(join(folder, 'trust.json'), JSON.stringify({ version: 1, senders, verifiers: [] }));
    const signed = async (batch: number, by: string, out: string) => {
      const path = join(folder, `batch-${batch}`);
      await run(['manifest', 'create', path, '--dataset', 'mail', '--key', join(folder, `${by}.pem`)]);
      return scanSigned(batch, out);
    };
    const scanSigned = async (batch: number, out: string) => {
      await scan(batch, out, '--ledger', join(folder, 'signed'), '--trust', join(folder, 'trust.json'));
      const report = await reportIn(out);
      const entry = await readFile(join(folder, 'signed', `${report.ledger.entry}.json`), 'utf8');
      const signers = new Set(JSON.parse(entry).accounts.map(({ signer }: { signer: string }) => signer));
      const drips = report.findings.filter(({ kind }: { kind: string }) => kind === 'slow-drip');
      return { signers: [...signers], drips };
    };
    for (let batch = 0; batch < BATCHES - 1; batch++) await signed(batch, 'mallory labs', `signed-${batch}`);
    // The same name, and rows that are as bad: the first of this signer.
    expect(await signed(BATCHES - 1, 'acme', 'acme')).toEqual({ signers: ['acme'], drips: [] });
    const last = await signed(BATCHES - 1, 'mallory labs', 'signed-last');
    expect(last).toMatchObject({
      signers: ['mallory labs'],
      drips: [{ scope: 'source', subject: 'mallory', signer: 'mallory labs' }],
    });

    await writeFiles(join(folder, `batch-${BATCHES}`), { 'a.csv': withSources(9, [tabularCsv('other', 300)]) });
    const manifest = join(folder, `batch-${BATCHES - 1}`, '_manifest.json');
    await copyFile(manifest, join(folder, `batch-${BATCHES}`, '_manifest.json'));
    expect(await scanSigned(BATCHES, 'stolen')).toMatchObject({ signers: [''] });
  }, 120_000);

  it('judges nothing with a ledger that holds something else, or one among the data', async () => {
    await writeFile(join(folder, 'ledger', 'notes.txt'), 'x');
    const foreign = await scan(0, 'refused');
    await rm(join(folder, 'ledger', 'notes.txt'));
    expect(foreign).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('notes.txt: is no entry of a ledger'),
    });
    const batch = join(folder, 'batch-0');
    const within = await run(['scan', batch, '--baseline', join(folder, 'trusted'), '--ledger', join(batch, 'ledger')]);
    expect(within).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--ledger') });
  });
});
