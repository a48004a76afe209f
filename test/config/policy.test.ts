import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/config/index.js';
import { BadInput } from '../../src/errors.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-policy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(text: string) {
  const path = join(folder, 'policy.json');
  await writeFile(path, text);
  return loadPolicy(path);
}

const limits = {
  shardBytes: 2 ** 31 - 1,
  decodedBytes: 2 ** 30,
  rows: 20_000_000,
  columns: 32_768,
  rowBytes: 33554432,
  nesting: 32,
  seconds: 120,
  memoryBytes: 2 ** 31,
};
const defaults = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits };

describe('loadPolicy', () => {
  it('has defaults for everything', async () => {
    expect(loadPolicy(undefined)).toEqual(defaults);
    expect(await load('{}')).toEqual(defaults);
    expect(await load('\uFEFF{ "$schema": "../schemas/policy.schema.json", "tolerance": 0 }')).toEqual({
      ...defaults,
      tolerance: 0,
    });
  });

  it('takes what the file says and cannot be changed afterwards', async () => {
    const policy = await load('{ "mode": "observe", "falseQuarantineRate": 0.05, "tolerance": 0.02 }');
    expect(policy).toEqual({ mode: 'observe', falseQuarantineRate: 0.05, tolerance: 0.02, limits });
    expect(Object.isFrozen(policy)).toBe(true);
  });

  it('takes each limit by itself', async () => {
    const policy = await load('{ "limits": { "rows": 5, "seconds": 1 } }');
    expect(policy.limits).toEqual({ ...limits, rows: 5, seconds: 1 });
    expect(Object.isFrozen(policy.limits)).toBe(true);
  });

  it('reports every problem at once', async () => {
    const text =
      '{ "mode": "strict", "falseQuarantineRate": 0, "tolerance": "1 %", "tolerence": 0.1, "__proto__": {} }';
    const error = await load(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadInput);
    const { code, message } = error as BadInput;
    expect(code).toBe('POLICY_INVALID');
    expect(message).toContain('mode must be one of observe, enforce');
    expect(message).toContain('falseQuarantineRate must be > 0');
    expect(message).toContain('tolerance must be number');
    expect(message).toContain(
      'unknown setting "tolerence" (there are mode, falseQuarantineRate, tolerance, signerShare, limits)',
    );
    expect(message).toContain('unknown setting "__proto__"');
  });

  it.each([
    ['[]', 'the policy must be object'],
    ['null', 'the policy must be object'],
    ['', 'is not JSON'],
    ['{ "mode": "enforce", }', 'is not JSON'],
    ['{ "falseQuarantineRate": 1 }', 'must be <= 0.5'],
    ['{ "tolerance": -0.1 }', 'must be >= 0'],
    ['{ "tolerance": 1e400 }', 'tolerance must be'],
    ['{ "limits": { "rows": 0 } }', 'limits.rows must be >= 1'],
    ['{ "limits": { "row": 1 } }', 'unknown setting "row" (there are shardBytes, decodedBytes, rows, '],
  ])('refuses %s', async (text, detail) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringContaining(detail) as string,
    });
  });

  it('tells a missing file from a folder', () => {
    expect(() => loadPolicy(join(folder, 'none.json'))).toThrow(expect.objectContaining({ code: 'PATH_MISSING' }));
    expect(() => loadPolicy(folder)).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });
});
