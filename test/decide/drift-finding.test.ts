import { Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { decide, type Policy } from '../../src/decide/index.js';
import { columnShifts, shiftOf } from '../../src/detect/index.js';
import { countCells, readItems } from '../../src/detect/trigger/row-items.js';
import { fitSpace } from '../../src/detect/trigger/space.js';
import { seededRandom } from '../../src/linear/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, baselineOf, Rows } from './batches.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };

function drawn(random: () => number, rows: number, shares: readonly number[]): Float64Array {
  const counts = new Float64Array(shares.length);
  for (let row = 0; row < rows; row++) {
    let [bin, rest] = [0, random() - (shares[0] as number)];
    while (rest > 0 && bin + 1 < shares.length) rest -= shares[++bin] as number;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

describe('a shift', () => {
  it('is the population stability index', () => {
    // (.8 − .5) ln(.8 / .5) + (.2 − .5) ln(.2 / .5)
    const shift = shiftOf('x', Float64Array.of(50_000, 50_000), Float64Array.of(80_000, 20_000));
    expect(shift?.index).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 3);
  });

  it.each([2, 10, 53])('is none between rows of one law, of %d bins', (bins) => {
    const random = seededRandom(`no shift ${bins}`);
    const shares = Array.from({ length: bins }, () => 1 / bins);
    for (const rows of [50, 300, 3000]) {
      for (let i = 0; i < 200; i++) {
        expect(shiftOf('x', drawn(random, 300, shares), drawn(random, rows, shares))).toBeUndefined();
      }
    }
  });

  it('of columns is that of their values', () => {
    const table = (b: readonly string[]) => {
      const cell = (values: readonly string[]) =>
        vectorFromArray(
          Array.from({ length: 900 }, (_, row) => values[row % values.length]),
          new Utf8(),
        );
      return new Table({ a: cell(['p', 'q', 'r']), b: cell(b), c: cell(['x', 'y', 'z', 'z', 'z', 'z']) });
    };
    const [trusted, batch] = [table(['s', 't']), table(['s', 's', 's', 's', 't'])];
    const roles = ['a', 'b', 'c'].map((name) => ({ name, role: 'feature' as const, type: 'Utf8', guessed: true }));
    const space = fitSpace(trusted, roles);
    if (space === null) throw new Error('no space');
    const cellsOf = (rows: Table) => {
      const cells = new Uint32Array(space.cells);
      countCells(space, readItems(space, rows), cells);
      return cells;
    };
    const shifts = columnShifts(space, cellsOf(trusted), cellsOf(batch));
    expect(shifts.map(({ name }) => name)).toEqual(['b']);
    expect(shifts[0]?.index).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 2);
  });
});

describe('drift', () => {
  const rows = new Rows('drift');
  const baseline = baselineOf(rows.many(900));

  it('is said, and holds nothing', () => {
    const foxes = rows.many(600).filter(({ label }) => label === 2);
    const shard = assessmentOf('a', [...foxes, ...foxes, ...foxes, ...rows.many(100)], baseline);
    const { decision } = decide([shard], baseline, POLICY, 'batch', [], { shifts: [{ name: 'age', index: 0.3 }] });
    expect(decision.verdict).toBe('release');
    const [finding] = decision.findings;
    expect(finding).toMatchObject({ id: 'drift/batch/batch', holds: false, evidence: { numbers: { shifted: 2 } } });
    expect(finding?.evidence.summary).toMatch(/differs from the trusted rows in label \(.*\), age \(0\.30\)/);
    expect(finding?.evidence.summary).toMatch(
      /\d+ % of its rows are labelled fox, where 2\d % of the trusted ones are/,
    );
  });

  it('is not said of rows like the trusted ones', () => {
    const { decision } = decide([assessmentOf('a', rows.many(400), baseline)], baseline, POLICY, 'batch');
    expect(decision.findings).toEqual([]);
  });
});
