import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeText, seal } from '../../src/attest/index.js';
import { makeVerdict, passGate } from '../../src/gate/index.js';
import { openVerdict } from '../../src/gate/open-verdict.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { keyPair, trust, trusted } from '../attest/keys.js';
import { outcomeOf } from '../report/outcomes.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const scanner = keyPair();
const verified = new Date('2026-03-01T00:00:00Z');
const now = verified.getTime() + 1000;
const policy = trust({ verifiers: [trusted(scanner.open)] });
const names = ['a.csv', 'b.csv', 'c.csv'];
const shards = names.map((path) => ({
  ...{ path, uri: path, rows: 1 },
  sha256: createHash('sha256').update(path).digest('hex'),
}));

function verdictOf(released: readonly string[]): VerdictStatement {
  const outcome = outcomeOf(names, {}, { shards });
  const decided = outcome.decision.shards.map((shard) => ({ ...shard, released: released.includes(shard.path) }));
  const decision = { ...outcome.decision, shards: decided };
  const expires = new Date(verified.getTime() + 86_400_000);
  return makeVerdict({ ...outcome, decision }, { dataset: 'weather', verified, expires });
}

const signed = (statement: VerdictStatement, key = scanner.own) =>
  Buffer.from(envelopeText(seal(Buffer.from(JSON.stringify(statement)), [key])));

const good = verdictOf(['a.csv', 'b.csv']);
const pass = (rest: Partial<Parameters<typeof passGate>[1]> = {}) =>
  passGate(fileStore, { root: at('batch'), verdict: signed(good), trust: policy, dataset: 'weather', now, ...rest });

beforeEach(async () => {
  await rm(at('batch'), { recursive: true, force: true });
  await mkdir(at('batch'));
  for (const name of names) await writeFile(at('batch', name), name);
});

describe('the gate', () => {
  it('lets released shards through, byte by byte, and no other', async () => {
    const taken: string[] = [];
    const { passed, heldBack, problems } = await pass({
      take: async (path, content) => void taken.push(`${path}=${content}`),
    });
    expect(problems).toEqual([]);
    expect(passed.map(({ path }) => path)).toEqual(['a.csv', 'b.csv']);
    expect(taken).toEqual(['a.csv=a.csv', 'b.csv=b.csv']);
    expect(heldBack).toBe(1);
  });

  it.each<[string, string, Parameters<typeof pass>[0]]>([
    ['no envelope', 'no signed verdict', { verdict: Buffer.from(JSON.stringify(good)) }],
    ['a stranger’s', 'no trusted verifier', { verdict: signed(good, keyPair().own) }],
    ['a sender’s', 'no trusted verifier', { trust: trust({ senders: [trusted(scanner.open)] }) }],
    ['of a revoked key', 'is revoked', { trust: trust({ verifiers: [trusted(scanner.open, { isRevoked: true })] }) }],
    ['expired', 'expired at', { now: now + 86_400_000 }],
    ['about another dataset', 'not snow', { dataset: 'snow' }],
    [
      'that contradicts itself',
      'subject',
      { verdict: signed({ ...good, predicate: { ...good.predicate, shards: good.predicate.shards.slice(1) } }) },
    ],
    ['that releases nothing', 'releases no shard', { verdict: signed(verdictOf([])) }],
    [
      'that never expires',
      'expired at',
      { verdict: signed({ ...good, predicate: { ...good.predicate, expires: '2026-99-01T00:00:00Z' } }) },
    ],
  ])('refuses a verdict %s', async (_, problem, rest) => {
    const outcome = await pass(rest);
    expect(outcome.problems.join()).toContain(problem);
    expect(outcome.passed).toEqual([]);
  });

  it.each<[string, string, () => Promise<void>]>([
    ['was changed', 'b.csv: its bytes are not those', () => writeFile(at('batch', 'b.csv'), 'B.csv')],
    ['is missing', 'b.csv: it was released and is not there', () => rm(at('batch', 'b.csv'))],
    ['came later', 'd.csv: the verdict does not know it', () => writeFile(at('batch', 'd.csv'), 'd')],
  ])('lets nothing through where a file %s', async (_, problem, change) => {
    await change();
    const { passed, problems } = await pass();
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(passed).toEqual([]);
  });
});

describe('a verdict that was tampered with', () => {
  const text = signed(good);

  it('counts for nothing, wherever a byte is changed', () => {
    const change = fc.tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(change, ([place, by]) => {
        const changed = Buffer.from(text);
        changed[place] = ((changed[place] as number) + by) % 256;
        const opened = openVerdict(changed, { trust: policy, dataset: 'weather', now });
        // Blanks between the fields mean nothing; everything else does.
        if ('statement' in opened) expect(opened.statement).toEqual(good);
        return (
          'problems' in opened ||
          JSON.stringify(JSON.parse(changed.toString())) === JSON.stringify(JSON.parse(text.toString()))
        );
      }),
      { numRuns: 5000, seed: 7 },
    );
  });
});
