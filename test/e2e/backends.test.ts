import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/schema/index.js';
import { isNativeInstalled, unlessNative } from '../native.js';
import { outcomeOf, start } from './command.js';

const inCheckout = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * What a p-value may differ by, relative to itself. Sums in single precision depend on their order, here by up to 0.0003 in
 * a score; now and then that moves a row past a threshold or the edge of a histogram's level, which shows most where nothing
 * is found (docs/statistics.md).
 */
const tolerances = { significant: 0.01, other: 0.05 };
const SIGNIFICANT = 0.01;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-backends-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function scan(corpus: string, options: readonly string[], backend: string): Promise<Report> {
  const out = join(folder, `${corpus}-${backend}`);
  const data = [inCheckout(`datasets/${corpus}/incoming`), '--baseline', inCheckout(`datasets/${corpus}/trusted`)];
  const { exitCode, stderr } = await outcomeOf(
    start(['scan', ...data, ...options, '--backend', backend, '--out', out]),
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report;
  expect(report.backend).toBe(backend);
  return report;
}

/** What was decided, without the numbers that led to it. */
function decisionsOf({ verdict, shards, sources, findings, families }: Report) {
  return {
    verdict,
    shards: shards.map(({ uri, verdict, released, findings }) => ({ uri, verdict, released, findings })),
    sources: sources.map(({ name, condemned }) => ({ name, condemned })),
    findings: findings.map(({ id, holds }) => ({ id, holds })),
    families: families.map(({ family, rejected }) => ({ family, rejected })),
  };
}

function pValuesOf({ shards, sources, findings, families }: Report): (number | null)[] {
  return [...shards, ...sources, ...findings, ...families].map(({ pValue }) => pValue);
}

describe('WASM and native TensorFlow', () => {
  it.runIf(isNativeInstalled).each([
    { corpus: 'seattle-weather', options: ['--label', 'weather'] },
    { corpus: 'digits', options: [] },
  ])(`decide the same on $corpus, on the same evidence${unlessNative}`, async ({ corpus, options }) => {
    const wasm = await scan(corpus, options, 'wasm');
    const native = await scan(corpus, options, 'native');
    expect(decisionsOf(native)).toEqual(decisionsOf(wasm));
    const expected = pValuesOf(wasm);
    pValuesOf(native).forEach((pValue, i) => {
      const reference = expected[i] ?? null;
      if (pValue === null || reference === null) {
        expect(pValue).toBe(reference);
      } else {
        const tolerance = reference < SIGNIFICANT ? tolerances.significant : tolerances.other;
        expect(Math.abs(pValue - reference)).toBeLessThanOrEqual(tolerance * reference);
      }
    });
  });
});

describe('a scan with native TensorFlow', () => {
  /** Digests of what it writes. */
  async function bytesOf(processes: number, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const out = await mkdtemp(join(folder, 'native-'));
    const data = [inCheckout('datasets/digits/incoming'), '--baseline', inCheckout('datasets/digits/trusted')];
    const options = ['--backend', 'native', '--processes', `${processes}`, '--out', out];
    const { exitCode, stderr } = await outcomeOf(start(['scan', ...data, ...options], { env }));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    const contents = await Promise.all((await readdir(out)).map((name) => readFile(join(out, name))));
    return contents.map((content) => createHash('sha256').update(content).digest('hex'));
  }

  it.runIf(isNativeInstalled)(
    `gives the same bytes by any number of processes, whatever the environment says of threads and kernels${unlessNative}`,
    async () => {
      const alone = await bytesOf(1);
      expect(await bytesOf(1, { TF_NUM_INTRAOP_THREADS: '8', TF_ENABLE_ONEDNN_OPTS: '0' })).toEqual(alone);
      expect(await bytesOf(2)).toEqual(alone);
    },
  );
});
