import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBaseline } from '../src/baseline/index.js';
import { familyLevel, type Policy, testHierarchy } from '../src/decide/index.js';
import { fileStore } from '../src/store/index.js';
import { readTable } from './read-table.js';
import { assessBatch } from './test-batch.js';

/** What the tests of a poisoned batch come to. */
interface Tested {
  readonly isHeld: boolean;
  /** Of the families that compare scores with those of trusted rows. */
  readonly pValue: number;
}

export interface CaseResult {
  readonly name: string;
  readonly weighted: Tested;
  /** By trusted rows as they are. */
  readonly plain: Tested;
}

/**
 * Tests the poisoned cases of a folder whose names match, with trusted rows weighted to lie where those of the batch do, and
 * as they are. Triggers are not looked for: trusted rows are not weighted for them.
 */
export async function* testCases(folder: string, wanted: RegExp, policy: Policy): AsyncGenerator<CaseResult> {
  for (const name of (await readdir(folder)).sort()) {
    if (!wanted.test(name)) continue;
    const shards = await shardsOf(join(folder, name));
    if (shards === undefined) continue;
    const { baseline } = await openBaseline(fileStore, join(folder, name, 'baseline'), { ids: [] });
    const { assessments, counted } = await assessBatch({ shards, seed: 0 }, baseline, policy);
    const test = (by: typeof baseline): Tested => {
      const { families, gate } = testHierarchy(assessments, by, policy, name, counted);
      const compared = families.filter(({ family }) => family !== 'items');
      return { isHeld: gate, pValue: Math.min(...compared.map(({ pValue }) => pValue)) };
    };
    yield { name, weighted: test(baseline), plain: test({ ...baseline, covariates: null }) };
  }
}

/** Undefined where nothing is poisoned. */
async function shardsOf(folder: string): Promise<Awaited<ReturnType<typeof readTable>>[] | undefined> {
  const { shards } = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8')) as Truth;
  if (Object.values(shards).every(({ length }) => length === 0)) return undefined;
  return Promise.all(
    Object.keys(shards)
      .sort()
      .map((shard) => readTable(join(folder, 'batch', shard))),
  );
}

/** Shard → its poisoned rows. */
interface Truth {
  readonly shards: Readonly<Record<string, readonly number[]>>;
}

/** What weighting costs, in a sentence; p-values are of cases whose scores are a finding by trusted rows as they are. */
export function tellCost(results: readonly CaseResult[], policy: Policy): string {
  const held = (how: 'weighted' | 'plain') => results.filter((result) => result[how].isHeld).length;
  const found = results.filter(({ plain }) => plain.pValue <= familyLevel(policy));
  const rises = found
    .map(({ plain, weighted }) => magnitude(weighted.pValue) - magnitude(plain.pValue))
    .sort((a, b) => a - b);
  const at = (share: number) => rises[Math.floor(share * (rises.length - 1))]?.toFixed(1) ?? 'none';
  const counts = `${held('weighted')} of ${results.length} held without looking for triggers, ${held('plain')} by trusted rows as they are`;
  return `poisoned cases: ${counts}; log10 of the least p-value of the scores of ${found.length} rises by ${at(0.5)} in the median, ${at(1)} at most`;
}

function magnitude(pValue: number): number {
  return Math.log10(Math.max(pValue, Number.MIN_VALUE));
}
