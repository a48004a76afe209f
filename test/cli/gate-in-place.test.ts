import { createHash } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeText, seal } from '../../src/attest/index.js';
import { verdictOf } from '../../src/gate/index.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const at = temporaryFolder();
const scanner = keyPair();
/** Each verdict is later than the one before. */
const began = Date.now();
let verdicts = 0;
const NOTHING = '0'.repeat(64);
const rests = { decision: NOTHING, policy: NOTHING, baseline: NOTHING, contract: null, manifest: null, trust: null };

/** Writes a signed verdict; of each shard its name, its content and whether it is released. */
async function say(name: string, ...said: readonly (readonly [string, string, boolean])[]): Promise<void> {
  const shards = said.map(([shard, content, released]) => ({
    ...{ name: shard, released },
    digest: { sha256: createHash('sha256').update(content).digest('hex') },
  }));
  const [verified, expires] = [new Date(began + ++verdicts), new Date(Date.now() + 60_000)];
  const content = { batch: 'monday', dataset: 'd', version: '0', mode: 'enforce', verified, expires, shards } as const;
  const payload = Buffer.from(JSON.stringify(verdictOf({ ...content, rests })));
  await writeFile(at('released', name), envelopeText(seal(payload, [scanner.own])));
}

const gate = (verdict: string, ...more: string[]) =>
  taster('gate', at('incoming'), '--in-place', '--verdict', verdict, '--trust', at('trust.json'), ...more);

beforeEach(async () => {
  for (const folder of ['incoming', 'released']) {
    await rm(at(folder), { recursive: true, force: true });
    await mkdir(at(folder), { recursive: true });
  }
  for (const name of ['a.csv', 'b.csv', 'later.csv']) await writeFile(at('incoming', name), name);
  const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['d'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers, requireStatus: false }));
  await say('verdict.json', ['a.csv', 'a.csv', true], ['b.csv', 'b.csv', true]);
});

describe('the gate of a batch that lies where it arrived', () => {
  it('lets through what its verdict releases, and leaves alone what that does not know', async () => {
    const { exitCode, stdout } = await gate(at('released'));
    expect([exitCode, stdout]).toEqual([0, `${at('incoming', 'a.csv')}\n${at('incoming', 'b.csv')}\n`]);
  });

  it.each(['', '/', '/verdict.json', '/_verdict-2.json'])(
    'follows the last verdict where %j of its folder is named: a shard that was condemned since is held',
    async (named) => {
      await say('_verdict-2.json', ['a.csv', 'a.csv', true], ['b.csv', 'b.csv', true]);
      await say('_verdict-3.json', ['a.csv', 'a.csv', true], ['b.csv', 'b.csv', false]);
      const { exitCode, stdout, stderr } = await gate(`${at('released')}${named}`);
      expect([exitCode, stdout]).toEqual([0, `${at('incoming', 'a.csv')}\n`]);
      expect(stderr.includes('holds no more')).toBe(named.endsWith('.json'));
    },
  );

  it('refuses where the last verdict does not count, though the one that was named does', async () => {
    await writeFile(at('released', '_verdict-2.json'), '{}');
    expect(await gate(at('released', 'verdict.json'))).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it.each(['', '/verdict.json', '/_verdict-2.json', '/_verdict-3.json'])(
    'refuses a verdict that was taken back and copied to the next name, where %j of its folder is named',
    async (named) => {
      await say('_verdict-2.json', ['a.csv', 'a.csv', false], ['b.csv', 'b.csv', false]);
      await copyFile(at('released', 'verdict.json'), at('released', '_verdict-3.json'));
      const { exitCode, stdout, stderr } = await gate(`${at('released')}${named}`);
      expect([exitCode, stdout, stderr]).toEqual([
        1,
        '',
        expect.stringContaining('it is a copy of an earlier verdict'),
      ]);
      const bill = await taster(
        'bom',
        at('incoming'),
        '--verdict',
        `${at('released')}${named}`,
        '--trust',
        at('trust.json'),
      );
      expect(bill).toMatchObject({ exitCode: 1, stdout: '' });
    },
  );

  it('refuses a verdict that is older than one before it, and one after what cannot be read', async () => {
    await say('_verdict-3.json', ['a.csv', 'a.csv', true], ['b.csv', 'b.csv', false]);
    await say('_verdict-2.json', ['a.csv', 'a.csv', false], ['b.csv', 'b.csv', false]);
    const older = await gate(at('released'));
    expect(older).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('was put back') });
    await writeFile(at('released', '_verdict-2.json'), '{}');
    const after = await gate(at('released'));
    expect(after).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('cannot be read') });
  });

  it('finds beside the verdict what was released without some of its rows', async () => {
    await writeFile(at('released', 'b.csv.clean.parquet'), 'rest');
    await say('_verdict-2.json', ['b.csv', 'b.csv', false], ['b.csv.clean.parquet', 'rest', true]);
    const { exitCode, stdout } = await gate(at('released'));
    expect([exitCode, stdout]).toEqual([0, `${at('released', 'b.csv.clean.parquet')}\n`]);
    await writeFile(at('released', 'b.csv.clean.parquet'), 'rust');
    const changed = await gate(at('released'));
    expect(changed).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('its bytes are not') });
  });

  it.each(['none/verdict.json', 'released/_verdict-2.json', 'released/other.json', 'none', 'none/', 'incoming'])(
    'names the verdict %s that is named and not there, and what to do',
    async (named) => {
      const refused = await gate(at(named) + (named.endsWith('/') ? '/' : ''));
      expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('is not there\n') });
      expect(refused.stderr).toContain(`verdict ${at(named)}`);
      expect(refused.stderr).toContain('wait until the batch is judged');
      const bill = await taster('bom', at('incoming'), '--verdict', at(named), '--trust', at('trust.json'));
      expect(bill).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('is not there\n') });
    },
  );

  it('refuses without a list of what was recalled, where the trust policy does not do without', async () => {
    const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['d'] }];
    await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers }));
    const refused = await gate(at('released'));
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('no status list') });
    await writeFile(at('scanner.pem'), privatePem(scanner.own));
    await taster('recall', '--status', at('list.json'), '--key', at('scanner.pem'));
    expect(await gate(at('released'), '--status', at('list.json'))).toMatchObject({ exitCode: 0 });
  });

  it.each(['status.json', 'none/status.json', 'released'])(
    'refuses where the list of what was recalled is not there: %s',
    async (named) => {
      const missing = expect.stringContaining('the status list is not there');
      const refused = await gate(at('released'), '--status', at(named));
      expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: missing });
      const bill = ['bom', at('incoming'), '--verdict', at('released'), '--trust', at('trust.json')];
      expect(await taster(...bill, '--status', at(named))).toMatchObject({ exitCode: 1, stdout: '', stderr: missing });
    },
  );

  it('names the verdict that is missing, and what to do', async () => {
    const { exitCode, stderr } = await taster('gate', at('incoming'), '--in-place', '--trust', at('trust.json'));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('or the folder where it lies, with --verdict')]);
  });
});
