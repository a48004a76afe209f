import { expect, it } from 'vitest';
import { countRequests, tellRequests } from '../../bench/request-counts.js';

const line = (operation: string, key: string) =>
  `owner lake [28/November/2026:15:34:43 +0000] 127.0.0.1 owner L1TR3MBZVLLMBGGE s3_${operation} ${key} /lake/${key} 200`;

it('requests are counted by operation, the most frequent first, without those that do not count', () => {
  const lines = [
    'log starts 2026-11-28 15:34:43 +0000 UTC',
    ...[line('PutObject', 'a/1'), line('HeadObject', 'a/1'), line('HeadObject', 'a/2'), line('HeadObject', 'asked')],
  ];
  const counts = countRequests(lines, (_, key) => key !== 'asked');
  expect([...counts]).toEqual([
    ['HeadObject', 2],
    ['PutObject', 1],
  ]);
  expect(tellRequests(counts, 2)).toBe('1.5 (HeadObject 1.0, PutObject 0.5)');
});
