import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { advice } from '../../src/checkup/check.js';
import { checkInPlace } from '../../src/checkup/in-place.js';
import type { Dataset } from '../../src/config/index.js';
import { anyStore, type ObjectStore, type Tags } from '../../src/store/index.js';

const INCOMING = 's3://BUCKET/incoming';
const dataset = { name: 'd', incoming: INCOMING, placement: 'in-place' } as Dataset;
const printed = readFileSync(new URL('../../docs/policies/bucket.json', import.meta.url), 'utf8');
const ReadOnlyReleased = 'ReadOnlyReleased';

/** A store of one batch whose shards have these tags; undefined where it knows none. */
function storeOf(shards: Record<string, Tags | undefined>, changes: Partial<ObjectStore> = {}) {
  const tags = new Map(Object.entries(shards).map(([path, own]) => [`${INCOMING}/monday/${path}`, own]));
  const store: ObjectStore = {
    ...anyStore,
    folders: async () => ['monday'],
    list: async () => Object.keys(shards).map((path) => ({ path, uri: `${INCOMING}/monday/${path}`, bytes: 1 })),
    tags: async (uri) => tags.get(uri),
    tag: async (uri, _, changed) => {
      const all = Object.entries({ ...tags.get(uri), ...changed });
      tags.set(uri, Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== null)));
      return true;
    },
    accessPolicy: async () => printed,
    ...changes,
  };
  return { store, tags };
}

const checked = async (store: ObjectStore) =>
  (await checkInPlace(store, dataset, advice)).map(({ outcome, message }) => `${outcome} ${message}`);
const released = { 'taster-verdict': 'released' };
const denied = `fine the bucket of ${INCOMING} denies what no verdict releases`;

describe('what doctor says of a dataset in place', () => {
  it('is that tags are set and read back, of a shard that is not released, and none stays there', async () => {
    const { store, tags } = storeOf({ 'a.csv': released, 'b.csv': { sender: 'acme' } });
    expect(await checked(store)).toEqual([
      `fine shards in ${INCOMING} can be tagged, and their tags are read back`,
      denied,
    ]);
    expect([...tags.values()]).toEqual([released, { sender: 'acme' }]);
  });

  it.each<[why: string, shards: Record<string, Tags | undefined>, changes: Partial<ObjectStore>, told: string]>([
    ['all is released', { 'a.csv': released }, {}, 'advice whether shards in'],
    ['nothing has arrived', {}, {}, 'advice whether shards in'],
    ['there are no tags', { 'a.csv': undefined }, {}, 'problem the store of'],
    ['tags are forgotten', { 'a.csv': {} }, { tag: async () => true }, 'problem tags that are set in'],
  ])('is that it could not be tried, or fails, where %s', async (_, shards, changes, told) => {
    expect((await checked(storeOf(shards, changes).store))[0]).toContain(told);
  });

  const statements = JSON.parse(printed).Statement as Record<string, unknown>[];
  const [reading = {}, tagging = {}] = statements;
  const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  const Condition = { Bool: { 'aws:SecureTransport': 'false' }, ...(reading['Condition'] as object) };

  it.each<[why: string, policy: string | null | undefined, missing: string[]]>([
    ['is none', null, [ReadOnlyReleased, 'TagByTasterAlone']],
    ['cannot be', undefined, [ReadOnlyReleased, 'TagByTasterAlone']],
    ['denies reading alone', policyOf(reading), ['TagByTasterAlone']],
    ['allows it', policyOf({ ...reading, Effect: 'Allow' }, tagging), [ReadOnlyReleased]],
    ['is of others', policyOf({ ...reading, Principal: { AWS: 'x' } }, tagging), [ReadOnlyReleased]],
    [
      'is about something else',
      policyOf({ ...reading, Resource: 'arn:aws:s3:::BUCKET/in/*' }, tagging),
      [ReadOnlyReleased],
    ],
    ['leaves versions out', policyOf({ ...reading, Action: 's3:GetObject' }, tagging), [ReadOnlyReleased]],
    ['has another condition', policyOf({ ...reading, Condition }, tagging), [ReadOnlyReleased]],
    ['is no policy', 'none', [ReadOnlyReleased, 'TagByTasterAlone']],
  ])('names what a bucket does not deny where its policy %s', async (_, policy, missing) => {
    const { store } = storeOf({ 'a.csv': {} }, { accessPolicy: async () => policy });
    expect((await checked(store))[1]).toBe(
      `advice the bucket of ${INCOMING} does not deny what \`taster policy bucket\` prints (${missing.join(', ')})`,
    );
  });

  it('takes what denies more, in other words, for as good', async () => {
    const wide = policyOf({ ...reading, Action: 's3:Get*', Resource: ['arn:aws:s3:::BUCKET/*'] }, tagging, {
      Effect: 'Allow',
    });
    const { store } = storeOf({ 'a.csv': {} }, { accessPolicy: async () => wide });
    expect((await checked(store))[1]).toBe(denied);
  });
});
