import { expect, test } from 'vitest';
import { withMemory } from '../../src/assess/memory.js';

test('memory is used again once its use is over, by one at a time, and not where that failed', async () => {
  const first = await withMemory(1000, async ({ buffer }) => buffer);
  await withMemory(2000, async (memory) => {
    expect(memory.length).toBe(2000);
    expect(memory.buffer).toBe(first);
    expect(await withMemory(10, async ({ buffer }) => buffer)).not.toBe(first);
  });
  const failed: ArrayBufferLike[] = [];
  const failing = async ({ buffer }: Buffer) => {
    failed.push(buffer);
    throw new Error('not sent');
  };
  await expect(withMemory(10, failing)).rejects.toThrow('not sent');
  const rest = await Promise.all(Array.from({ length: 4 }, () => withMemory(10, async ({ buffer }) => buffer)));
  expect(rest).not.toContain(failed[0]);
});

test('memory for what is large is given back', async () => {
  const large = await withMemory(2 ** 25, async ({ buffer }) => buffer);
  expect(await withMemory(2 ** 25, async ({ buffer }) => buffer)).not.toBe(large);
});
