import { describe, expect, it } from 'vitest';
import { countApart } from '../../src/assess/index.js';

type Arguments = Parameters<typeof countApart>;

const job = { shards: [{ rows: 1_000_000 }] } as unknown as Arguments[0];
const counts = { counted: 'by a process' };

/** Whose processes end so, one after the other. */
function crewOf(...outcomes: readonly unknown[]) {
  const left = [...outcomes];
  const crew = { lendAny: () => Promise.resolve(left.shift()) } as unknown as Arguments[1];
  return { crew, left };
}

describe('copies counted by another process', () => {
  it('are counted by a second one where the first dies', async () => {
    const { crew, left } = crewOf('died', counts);
    expect([await countApart(job, crew), left]).toEqual([counts, []]);
  });

  it('are counted once where all goes well', async () => {
    const { crew, left } = crewOf(counts, 'unused');
    expect([await countApart(job, crew), left]).toEqual([counts, ['unused']]);
  });

  it.each([
    ['both die', ['died', 'died', counts]],
    ['one takes too much memory', ['took too much memory', counts]],
  ])('are given up where %s', async (_, outcomes) => {
    const { crew, left } = crewOf(...outcomes);
    await expect(countApart(job, crew)).rejects.toMatchObject({ code: 'PROCESS_DIED' });
    expect(left).toEqual([counts]);
  });
});
