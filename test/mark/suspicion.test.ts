import { expect, it } from 'vitest';
import type { DetectorRows, ShardAssessment, ShardRows } from '../../src/assess/index.js';
import type { Decided } from '../../src/decide/index.js';
import { markRows } from '../../src/mark/index.js';

const shard: ShardAssessment = {
  path: 'a',
  sha256: 'a',
  rows: 3,
  faults: [],
  isJudged: true,
  sources: [],
  tallies: [],
  columns: [],
  unusedColumns: [],
};

const says = (kind: string, pValue: number[], calledClass: number[]): DetectorRows => ({
  kind,
  anomalyScore: new Float64Array(3),
  pValue: Float64Array.from(pValue),
  calledClass: Int32Array.from(calledClass),
  ratioLevel: new Int8Array(0),
});

const ODD = [0.5, 0.002, 0.5];

function rowsOf(flips: number[], odd = ODD): ShardRows {
  return {
    detectors: [says('label-flip', flips, [0, 0, 0]), says('outlier', odd, [])],
    labels: new Int32Array(3),
    signatures: { perRow: 1, values: new Float64Array(3) },
    judgeOf: new Uint8Array(0),
    places: new Float32Array(0),
    sourceOf: new Int32Array(3).fill(-1),
  };
}

async function suspicionOf(flips: number[], kinds: readonly string[] = [], odd = ODD): Promise<number[]> {
  const selections = kinds.map((kind) => ({ kind, rows: 0, finding: kind, where: {} }));
  const decided = { selections, withheld: [] } as Pick<Decided, 'selections' | 'withheld'>;
  const batch = {
    assessments: [shard],
    decided,
    classes: ['x'],
    rowsOf: async () => rowsOf(flips, odd),
  };
  for await (const { suspicion } of markRows(batch)) return [...suspicion];
  return [];
}

it('rows of what is released are suspect and not withheld', async () => {
  const where = {};
  const found = { kind: 'outlier', rows: 1, finding: 'outlier', where };
  const marks = async (isReleased: boolean) => {
    const decided = { selections: [{ ...found, isReleased }], withheld: [] };
    const batch = { assessments: [shard], decided, classes: ['x'], rowsOf: async () => rowsOf([0.5, 0.5, 0.5]) };
    for await (const { suspect, withhold } of markRows(batch))
      return { suspect: [...suspect], withhold: [...withhold] };
    return undefined;
  };
  expect(await marks(false)).toEqual({ suspect: [0, 1, 0], withhold: [0, 1, 0] });
  expect(await marks(true)).toEqual({ suspect: [0, 1, 0], withhold: [0, 0, 0] });
});

it('where nothing was found doubtful labels come before odd rows, and odd rows before all others', async () => {
  const [doubtful = 0, odd = 0, usual = 0] = await suspicionOf([0.05, 0.6, 0.2]);
  expect(doubtful).toBeGreaterThan(odd);
  expect(odd).toBeGreaterThan(usual);
});

it('rows that are merely rarer than most do not come before doubtful labels', async () => {
  const byLabels = await suspicionOf([0.3, 0.6, 0.5], [], [1, 1, 1]);
  expect(await suspicionOf([0.3, 0.6, 0.5], [], [0.9, 0.04, 0.2])).toEqual(byLabels);
});

it('rows whose labels are not judged are ranked by how odd they are', async () => {
  const [, unjudged = 0] = await suspicionOf([0.3, Number.NaN, 0.5], [], [0.9, 0.1, 0.2]);
  expect(unjudged).toBeCloseTo(0.81, 6);
});

it('unless labels are not judged, or outliers were found', async () => {
  const unjudged = await suspicionOf([Number.NaN, Number.NaN, Number.NaN]);
  expect(unjudged[1]).toBeCloseTo(0.998, 6);
  const found = await suspicionOf([0.05, 0.6, 0.2], ['outlier']);
  expect(found[1]).toBeCloseTo(0.998, 6);
});
