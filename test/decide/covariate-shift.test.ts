import { Float64, type Table, tableFromArrays, Utf8, vectorFromArray } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { assessShard } from '../../src/assess/index.js';
import { type Baseline, fitBaseline } from '../../src/baseline/index.js';
import { decide, type Policy } from '../../src/decide/index.js';
import { assignRoles, withColumns } from '../../src/encode/index.js';
import { type Random, seededRandom, standardNormal, startBackend } from '../../src/linear/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const COLUMNS = ['age', 'income', 'debt', 'visits'];
const SHARDS = 6;
const ROWS = 3000;

/** Rows whose income is greater by so many deviations; incomes vary the more the greater they are. */
function drawTable(rows: number, richer: number, random: Random, odd = 0): Table {
  const columns = COLUMNS.map(() => new Float64Array(rows));
  const labels: string[] = [];
  for (let row = 0; row < rows; row++) {
    const isOdd = row % 100 < 100 * odd;
    const wealth = standardNormal(random) + richer;
    const values = [
      standardNormal(random),
      Math.exp(wealth),
      Math.exp(wealth / 2) * standardNormal(random),
      standardNormal(random),
    ];
    values.forEach((value, c) => {
      (columns[c] as Float64Array)[row] = isOdd ? 12 * (random() < 0.5 ? -1 : 1) : value;
    });
    labels.push((values[0] as number) + 0.4 * standardNormal(random) > 0 ? 'yes' : 'no');
  }
  const numbers = tableFromArrays(Object.fromEntries(COLUMNS.map((name, c) => [name, columns[c] as Float64Array])));
  return withColumns(numbers, new Map([['label', vectorFromArray(labels, new Utf8())]]));
}

function verdictOn(batch: Table, baseline: Baseline) {
  const size = batch.numRows / SHARDS;
  const assessments = Array.from({ length: SHARDS }, (_, shard) => {
    const table = batch.slice(shard * size, (shard + 1) * size);
    return assessShard({ path: `${shard}`, sha256: `${shard}`, table }, { baseline, columns: { ids: [] } }).assessment;
  });
  return decide(assessments, baseline, POLICY, 'batch').decision;
}

describe('a batch that lies elsewhere than the trusted rows', () => {
  const random = seededRandom('richer');
  let baseline: Baseline;

  beforeAll(async () => {
    await startBackend('wasm');
    const trusted = drawTable(ROWS, 0, random);
    expect(trusted.schema.fields[0]?.type).toBeInstanceOf(Float64);
    const source = { table: trusted, fileOf: new Int32Array(ROWS), sha256: 'trusted', path: 'trusted' };
    baseline = fitBaseline(source, assignRoles(trusted, { ids: [] }, 'trusted'));
  });

  it('is released where such rows are odder by nature, and told as drift', () => {
    const batch = drawTable(ROWS, 0.6, random);
    expect(verdictOn(batch, { ...baseline, covariates: null }).verdict).toBe('quarantine');
    const { verdict, findings } = verdictOn(batch, baseline);
    expect(verdict).toBe('release');
    const [drift] = findings;
    expect(drift).toMatchObject({ kind: 'drift', holds: false });
    expect(drift?.evidence.summary).toMatch(
      /More of its rows are out of the ordinary than of the trusted ones \(p = .*\), as many as of trusted rows that lie/,
    );
  });

  it.each([0, 0.6])('is held for three odd rows in a hundred, richer by %d deviations', (richer) => {
    const { verdict, findings } = verdictOn(drawTable(ROWS, richer, random, 0.03), baseline);
    expect(verdict).toBe('quarantine');
    expect(findings.map(({ kind }) => kind)).toContain('outlier');
  });
});
