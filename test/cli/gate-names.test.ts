import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { envelopeText, seal } from '../../src/attest/index.js';
import { verdictOf } from '../../src/gate/index.js';
import { keyPair, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const at = temporaryFolder();
const scanner = keyPair();
const NOTHING = '0'.repeat(64);
const rests = { decision: NOTHING, policy: NOTHING, baseline: NOTHING, contract: null, manifest: null, trust: null };

/** A folder whose verdict releases one of its files and holds the other. */
async function release(folder: string, released: string, held: string): Promise<string[]> {
  await mkdir(at(folder));
  const shards = [];
  for (const name of [released, held]) {
    await writeFile(at(folder, name), name);
    const sha256 = createHash('sha256').update(name).digest('hex');
    shards.push({ name, digest: { sha256 }, released: name === released });
  }
  const [verified, expires] = [new Date(), new Date(Date.now() + 60_000)];
  const said = {
    batch: folder,
    dataset: 'd',
    version: '0',
    mode: 'enforce',
    verified,
    expires,
    shards,
    rests,
  } as const;
  const payload = Buffer.from(JSON.stringify(verdictOf(said)));
  await writeFile(at(`${folder}.json`), envelopeText(seal(payload, [scanner.own])));
  return ['gate', at(folder), '--verdict', at(`${folder}.json`), '--trust', at('trust.json')];
}

beforeAll(async () => {
  const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['d'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers, requireStatus: false }));
});

describe('the gate prints no path that could be taken for another', () => {
  it.each([
    ['hidden', 'a\u202e.csv', 'a\\u{202e}.csv'],
    ['pattern', '*.csv', 'x.csv'],
  ])('%s', async (folder, released, held) => {
    const gate = await release(folder, released, held);
    expect(await taster(...gate)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('--copy-to'),
    });
    const { stdout, exitCode } = await taster(...gate, '--json');
    expect([exitCode, JSON.parse(stdout).passed.map(({ path }: { path: string }) => path)]).toEqual([0, [released]]);
  });
});
