import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { envelopeText, seal, type Trust } from '../../../src/attest/index.js';
import type { ManifestStatement } from '../../../src/schema/index.js';
import { checkProvenance, makeManifest } from '../../../src/verify/index.js';
import { keyPair, trust, trusted } from '../../attest/keys.js';

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
const now = Date.parse('2026-03-01T00:00:00Z');
const day = 86_400_000;
const acme = keyPair();

const shards = ['a.csv', 'b/c.csv'].map((path) => ({ path, sha256: sha256Of(path), bytes: 10, rows: 3 }));
const arrived = shards.map((shard) => ({ ...shard, sources: [] as string[] }));
const statement = makeManifest(shards, {
  ...{ dataset: 'weather', batch: 'monday', created: new Date(now - day), expires: new Date(now + day) },
});

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const sign = (said: ManifestStatement, ...keys: Parameters<typeof seal>[1]) =>
  Buffer.from(envelopeText(seal(bytes(said), keys)));
const signed = sign(statement, acme.own);

function check(
  content: Uint8Array | undefined,
  rest: { trust?: ReturnType<typeof trust> | undefined; dataset?: string; now?: number; arrived?: typeof arrived } = {},
) {
  const policy = 'trust' in rest ? rest.trust : trust({ senders: [trusted(acme.open)] });
  const expected = { trust: policy, dataset: rest.dataset ?? 'weather', batch: 'monday', now: rest.now ?? now };
  const { provenance, manifest } = checkProvenance(content, rest.arrived ?? arrived, expected);
  const ofShards = [...provenance.shards].flatMap(([path, faults]) => faults.map(({ reason }) => `${path} ${reason}`));
  return { reasons: [...provenance.batch.map(({ reason }) => reason), ...ofShards], manifest, provenance };
}

const changed = (facts: Partial<ManifestStatement['predicate']>) =>
  sign({ ...statement, predicate: { ...statement.predicate, ...facts } }, acme.own);
const withShard = (index: number, change: Partial<ManifestStatement['subject'][number]>) =>
  sign(
    { ...statement, subject: statement.subject.map((one, i) => (i === index ? { ...one, ...change } : one)) },
    acme.own,
  );
const policyOf = (rest: Parameters<typeof trusted>[1]) => ({ trust: trust({ senders: [trusted(acme.open, rest)] }) });

describe('a manifest', () => {
  it('signed by a trusted key, of a batch as it was sent: nothing is in doubt', () => {
    const { reasons, manifest } = check(signed);
    expect(reasons).toEqual([]);
    expect(manifest).toMatchObject({ signers: ['acme'], sha256: sha256Of(signed.toString()) });
  });

  it('without trust policy is compared with the batch, signed or not', () => {
    expect(check(bytes(statement), { trust: undefined }).reasons).toEqual([]);
    expect(check(signed, { trust: undefined }).manifest?.signers).toEqual([]);
    expect(check(undefined, { trust: undefined }).reasons).toEqual([]);
  });

  it.each<[string, string[], Uint8Array | undefined, Parameters<typeof check>[1]?]>([
    ['is not there', ['no-manifest'], undefined],
    ['is not JSON', ['manifest-unreadable'], Buffer.from('PK\u0003')],
    ['is of another type', ['manifest-unreadable'], bytes({ ...statement, predicateType: 'https://example.com/v1' })],
    ['is not signed', ['unsigned'], bytes(statement)],
    ['is signed by a stranger', ['unknown-key'], sign(statement, keyPair().own)],
    [
      'was changed after signing',
      ['unknown-key', 'wrong-dataset'],
      bytes({
        ...JSON.parse(signed.toString()),
        payload: bytes({ ...statement, predicate: { ...statement.predicate, dataset: 'snow' } }).toString('base64'),
      }),
    ],
    ['is signed by a revoked key', ['revoked'], signed, policyOf({ isRevoked: true })],
    ['is signed by a key that counts later', ['too-early'], signed, policyOf({ from: now })],
    ['is signed by a key that counts no more', ['too-late'], signed, policyOf({ until: now })],
    [
      'is signed for datasets that the key has no say in',
      ['other-dataset'],
      signed,
      policyOf({ datasets: ['wea', 'snow*'] }),
    ],
    ['is for another dataset', ['wrong-dataset'], signed, { dataset: 'snow' }],
    ['is for another batch', ['wrong-batch'], changed({ batch: 'sunday' })],
    ['has expired', ['expired'], signed, { now: now + day }],
    ['expires at no time at all', ['expired'], changed({ expires: '2026-99-99T00:00:00Z' })],
    ['is made in the future', ['from-the-future'], changed({ created: '2026-03-02T00:00:00Z' })],
    ['lists a shard that is missing', ['missing-shard'], signed, { arrived: arrived.slice(0, 1) }],
    [
      'does not list a shard',
      ['d.csv extra-shard'],
      signed,
      { arrived: [...arrived, { ...arrived[0]!, path: 'd.csv' }] },
    ],
    [
      'lists a shard twice',
      ['duplicate-entry'],
      sign({ ...statement, subject: [...statement.subject, statement.subject[0]!] }, acme.own),
    ],
    ['climbs out of the batch', ['climbing-path', 'b/c.csv extra-shard'], withShard(1, { name: 'b/../../c.csv' })],
    ['names another place', ['outside-incoming', 'b/c.csv extra-shard'], withShard(1, { name: 's3://bucket/c.csv' })],
    ['names a path from the root', ['outside-incoming', 'b/c.csv extra-shard'], withShard(1, { name: '/b/c.csv' })],
    ['lists shards that are missing', ['missing-shard', 'missing-shard'], signed, { arrived: [] }],
    ['has a weak digest', ['weak-digest'], withShard(0, { digest: { md5: '0'.repeat(32) } })],
    ['tells another digest', ['a.csv bad-digest'], withShard(0, { digest: { sha256: '0'.repeat(64) } })],
    ['tells another size', ['a.csv bad-size'], withShard(0, { annotations: { bytes: 11 } })],
    ['tells other rows', ['a.csv bad-rows'], withShard(0, { annotations: { rows: 4 } })],
    [
      'tells another source',
      ['a.csv other-source'],
      withShard(0, { annotations: { source: 'ann' } }),
      { arrived: [{ ...arrived[0]!, sources: ['bob'] }, arrived[1]!] },
    ],
    [
      'is of sources that its signer may not send',
      ['a.csv source-not-allowed'],
      withShard(0, { annotations: { source: 'bob' } }),
      policyOf({ sources: ['ann*'] }),
    ],
  ])('%s: %j', (_, reasons, content, rest) => {
    const { reasons: found, provenance } = check(content, rest);
    expect(found).toEqual(reasons);
    const ofShards = [...provenance.shards.values()].flat();
    expect([...provenance.batch, ...ofShards].every(({ holds }) => holds)).toBe(true);
    expect(ofShards.every(({ holdsBatch }) => holdsBatch)).toBe(true);
  });

  it('counts by one good signature, whoever else has signed', () => {
    const gone = keyPair();
    const senders = [trusted(gone.open, { name: 'gone', isRevoked: true }), trusted(acme.open)];
    const { reasons, manifest } = check(sign(statement, gone.own, acme.own), { trust: trust({ senders }) });
    expect([reasons, manifest?.signers]).toEqual([[], ['acme']]);
  });

  it('may be doubted without being held, where the trust policy says so', () => {
    const onFault = {
      'no-manifest': 'advise',
      unsigned: 'advise',
      expired: 'advise',
      'missing-shard': 'advise',
    } as const;
    const policy = trust({ senders: [trusted(acme.open)], onFault });
    const cases = [
      [undefined, {}],
      [bytes(statement), {}],
      [signed, { now: now + day }],
      [signed, { arrived: arrived.slice(0, 1) }],
    ] as const;
    for (const [content, rest] of cases) {
      const { batch } = check(content, { trust: policy, ...rest } as Parameters<typeof check>[1]).provenance;
      expect(batch.map(({ holds }) => holds)).toEqual([false]);
    }
  });

  it.each<[keyof Trust['onFault'], Uint8Array, Partial<(typeof arrived)[0]>]>([
    ['extra-shard', signed, { path: 'd.csv' }],
    ['bad-digest', signed, { sha256: '0'.repeat(64) }],
    ['bad-size', signed, { bytes: 11 }],
    ['bad-rows', signed, { rows: 4 }],
    ['other-source', withShard(0, { annotations: { source: 'ann' } }), { sources: ['bob'] }],
  ])('%s holds the shard alone where the trust policy says so', (reason, content, change) => {
    const policy = trust({ senders: [trusted(acme.open)], onFault: { [reason]: 'shard' } });
    const of = (given: Trust) =>
      [...check(content, { trust: given, arrived: [{ ...arrived[0]!, ...change }] }).provenance.shards.values()].flat();
    expect(of(policy)).toMatchObject([{ reason, holds: true, holdsBatch: false }]);
    expect(of(trust({ senders: [trusted(acme.open)] }))).toMatchObject([{ reason, holds: true, holdsBatch: true }]);
  });

  it('names each entry at fault, as far as anybody reads', () => {
    const named = (names: readonly string[]) =>
      sign({ ...statement, subject: names.map((name) => ({ ...statement.subject[0]!, name })) }, acme.own);
    const two = check(named(['../x.csv', '../y.csv']), { arrived: [] }).provenance.batch;
    expect(two.map(({ summary }) => summary)).toEqual([
      'the manifest names ../x.csv, which lies outside of the batch',
      'the manifest names ../y.csv, which lies outside of the batch',
    ]);
    const many = check(named(Array.from({ length: 150 }, (_, i) => `../${i}.csv`)), { arrived: [] }).provenance.batch;
    expect(many).toHaveLength(101);
    expect(many.at(-1)?.summary).toBe('50 more entries of the manifest have the same fault');
  });
});
