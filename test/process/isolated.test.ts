import { afterEach, describe, expect, it, vi } from 'vitest';
import { startIsolated } from '../../src/process/index.js';

const limits = { seconds: 30, memoryBytes: 2 ** 30 };

afterEach(() => vi.unstubAllEnvs());

describe('an isolated process', () => {
  it('sees nothing of our environment: what parses hostile bytes has no credentials', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const isolated = startIsolated(new URL('./tells-environment.mjs', import.meta.url));
    const names = await isolated.ask<string[]>({}, limits);
    await isolated.stop();
    expect(names).toContain('TF_CPP_MIN_LOG_LEVEL');
    expect(names).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(names).not.toContain('HOME');
  });
});
