import { afterEach, describe, expect, it, vi } from 'vitest';
import { CLOCK_FACTOR, startIsolated } from '../../src/process/index.js';

const limits = { seconds: 30, memoryBytes: 2 ** 30 };

afterEach(() => vi.unstubAllEnvs());

/** Asks for an answer that takes so long, of computing or of waiting. */
async function askFor(work: 'compute' | 'wait', milliseconds: number, seconds: number) {
  const isolated = startIsolated(new URL('./takes-time.mjs', import.meta.url));
  const answer = await isolated.ask<object>({ [work]: milliseconds }, { ...limits, seconds });
  await isolated.stop();
  return answer;
}

describe('an isolated process', () => {
  it('that computes for longer than it may is killed', async () => {
    expect(await askFor('compute', 60_000, 0.5)).toBe('took too long');
  });

  it('that others keep waiting may take longer by the clock, but not for ever', async () => {
    expect(await askFor('wait', 1500, 0.75)).toEqual({ done: true });
    expect(await askFor('wait', 60_000, 0.1)).toBe('took too long');
    expect(CLOCK_FACTOR).toBeGreaterThan(2);
  });

  it('sees nothing of our environment: what parses hostile bytes has no credentials', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const isolated = startIsolated(new URL('./tells-environment.mjs', import.meta.url));
    const names = await isolated.ask<string[]>({}, limits);
    await isolated.stop();
    expect(names).toContain('TF_CPP_MIN_LOG_LEVEL');
    expect(names).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(names).not.toContain('HOME');
  });

  it.skipIf(process.platform === 'win32')('prints nothing: the platform traces the stack of what crashes', async () => {
    const isolated = startIsolated(new URL('./tells-output.mjs', import.meta.url));
    expect(await isolated.ask<number[]>({}, limits)).toEqual([1, 2]);
    await isolated.stop();
  });
});
