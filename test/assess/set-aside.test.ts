import { expect, it } from 'vitest';
import { setAside } from '../../src/assess/index.js';
import { addRow, emptyTally, indexItems, levelOf, ratioAt } from '../../src/detect/index.js';
import { assessmentOf, baselineOf, Rows } from '../decide/batches.js';

it('rows set aside leave the sums that the others make', async () => {
  const made = new Rows('aside');
  const baseline = baselineOf(made.many(300));
  const classes = baseline.classes.length;
  const count = 60;
  const labels = Int32Array.from({ length: count }, (_, row) => row % classes);
  const evidence = baseline.detectors.map(({ effect }) => ({
    anomalyScore: Float64Array.from(labels, () => made.random()),
    calledClass: Int32Array.from(labels, () => Math.floor(classes * made.random())),
    ...(effect !== null && { logRatio: Float64Array.from(labels, () => ratioAt(Math.floor(20 * made.random()))) }),
  }));
  const tallied = (rows: readonly number[]) =>
    baseline.detectors.map((fitted, index) => {
      const tally = emptyTally(fitted.strata, fitted.calibrations);
      for (const row of rows) addRow(tally, row, evidence[index]!, labels, { ...fitted, classes });
      return tally;
    });
  const all = [...labels.keys()];
  const shard = {
    ...assessmentOf('a', [], baseline),
    rows: count,
    tallies: [{ source: -1, rows: count, perDetector: tallied(all) }],
  };
  const rows = {
    detectors: evidence.map(({ anomalyScore, calledClass, logRatio }) => ({
      kind: 'any',
      anomalyScore,
      calledClass,
      pValue: anomalyScore,
      ratioLevel: Int8Array.from(logRatio ?? [], levelOf),
    })),
    labels,
    sourceOf: new Int32Array(count).fill(-1),
    signatures: { perRow: 1, values: Float64Array.from(all, (row) => (row < 12 ? 7 : 100 + row)) },
    judgeOf: new Uint8Array(0),
    places: new Float32Array(0),
  };
  const carriers = { shards: new Set(['a']), carries: indexItems([[7]]), listed: new Map() };
  const [rest] = await setAside([shard], carriers, baseline, async () => rows);
  expect(rest?.tallies).toEqual([{ source: -1, rows: 48, perDetector: tallied(all.slice(12)) }]);
});
