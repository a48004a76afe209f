import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/config/index.js';
import { arrivalsIn, kindOf, parseMessage } from '../../src/service/events.js';

const datasets = [
  { name: 'mail', incoming: 's3://uploads/mail/in' },
  { name: 'post', incoming: 's3://uploads/post' },
  { name: 'files', incoming: '/data/in' },
] as Dataset[];
const arrivals = (body: unknown) => arrivalsIn(body, datasets).map(({ dataset, folder }) => `${dataset}: ${folder}`);
const record = (key: string, bucket = 'uploads') => ({
  eventName: 'x',
  s3: { bucket: { name: bucket }, object: { key } },
});

describe('an event', () => {
  it.each([
    [
      'AWS S3',
      { Records: [record('mail/in/monday/a.parquet'), record('post/b/c/d.csv')] },
      ['mail: monday', 'post: b'],
    ],
    ['MinIO', { EventName: 's3:x', Key: 'uploads/post/b/d.csv', Records: [record('post/b/d.csv')] }, ['post: b']],
    ['EventBridge', { detail: { bucket: { name: 'uploads' }, object: { key: 'post/b/d.csv' } } }, ['post: b']],
    ['our own', { dataset: 'files', folder: 'monday' }, ['files: monday']],
  ])('of %s names the folders that something has arrived in', (_, body, folders) => {
    expect(arrivals(body)).toEqual(folders);
  });

  it('may spell keys as forms do, or not', () => {
    expect(arrivals({ Records: [record('post/two+words/x')] })).toEqual(['post: two+words', 'post: two words']);
    expect(arrivals({ Records: [record('post/100%/x')] })).toEqual(['post: 100%']);
    expect(arrivals({ Records: [record('post/100%25/x')] })).toEqual(['post: 100%25', 'post: 100%']);
  });

  it('names a folder once', () => {
    expect(arrivals({ Records: [record('post/b/1'), record('post/b/2'), record('post/b/1')] })).toEqual(['post: b']);
  });

  it.each([
    ['a test of the store', { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'uploads' }],
    ['another bucket', { Records: [record('post/b/c', 'other')] }],
    ['another prefix', { Records: [record('postal/b/c'), record('mail/out/b/c')] }],
    ['an object that is in no folder', { Records: [record('post/file.csv')] }],
    ['a way out', { Records: [record('post/../mail/x'), record('post/./x'), record('post//x')] }],
    ['a dataset that is not there', { dataset: 'none', folder: 'x' }],
    ['a folder that is none', { dataset: 'files', folder: 'a/../../b' }],
    ['inherited names', JSON.parse('{"Records": [{"__proto__": {"s3": {}}}], "dataset": {"constructor": 1}}')],
    ['records that are none', { Records: [null, 3, 'x', [], { s3: null }, { s3: { bucket: {}, object: {} } }] }],
    ['nothing', null],
  ])('that tells of %s is passed over', (_, body) => {
    expect(arrivals(body)).toEqual([]);
  });
});

describe('a message', () => {
  const event = { Records: [record('post/b/c')] };

  it.each([
    ['of the store', JSON.stringify(event), 'event'],
    ['about another place', JSON.stringify({ Records: [record('x/y/z', 'other')] }), 'event'],
    ['wrapped by a topic', JSON.stringify({ Type: 'Notification', Message: JSON.stringify(event) }), 'event'],
    ['of EventBridge', JSON.stringify({ detail: { bucket: { name: 'b' }, object: { key: 'k' } } }), 'event'],
    ['that tries the way', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' }), 'test'],
    ['that is no JSON', 'hello', 'unknown'],
    ['that wraps no JSON', JSON.stringify({ Type: 'Notification', Message: 'hello' }), 'unknown'],
    ['of other records', JSON.stringify({ Records: [{ dynamodb: {} }] }), 'unknown'],
    ['of no records', JSON.stringify({ Records: [] }), 'unknown'],
    ['of nothing', 'null', 'unknown'],
  ])('%s is known by its shape', (_, text, kind) => {
    expect(kindOf(parseMessage(text))).toBe(kind);
  });
});
