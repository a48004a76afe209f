import { beforeAll, describe, expect, it } from 'vitest';
import type { Baseline } from '../../src/baseline/index.js';
import { startBackend } from '../../src/linear/index.js';
import type { ShardMarks } from '../../src/mark/index.js';
import { type Picture, watchRows } from '../../src/report/index.js';
import { fitOn, labelled } from '../baseline/trusted.js';
import { numberRows } from '../detect/populations.js';

const TRUSTED = 240;
let baseline: Baseline;
beforeAll(async () => {
  await startBackend('wasm');
  baseline = fitOn(labelled(numberRows(TRUSTED, 'trusted')));
});

/** Every tenth row is not judged; the first `suspects` rows are suspect. */
function marksOf(shard: string, rows: number, suspects = 0): ShardMarks {
  const anomalyScore = Float64Array.from({ length: rows }, (_, row) =>
    row % 10 === 9 ? Number.NaN : (row + 0.5) / rows,
  );
  const evidence = { anomalyScore, pValue: anomalyScore };
  return {
    shard,
    rows,
    detectors: new Map(baseline.detectors.map(({ kind }) => [kind, evidence])),
    suspicion: anomalyScore.map((score) => score || 0),
    suspect: Uint8Array.from({ length: rows }, (_, row) => (row < suspects ? 1 : 0)),
    withhold: new Uint8Array(rows),
    reason: new Array<null>(rows).fill(null),
    labels: Int32Array.from({ length: rows }, (_, row) => (row % 4) - 1),
    called: new Int32Array(rows),
    places: Float32Array.from({ length: 2 * rows }, (_, at) => at),
  };
}

async function pictureOf(shards: readonly ShardMarks[], by = baseline): Promise<Picture> {
  async function* stream() {
    yield* shards;
  }
  const { picture } = await watchRows(stream(), by, async () => {});
  if (picture === null) throw new Error('no picture');
  return picture;
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
const pointsOf = ({ map }: Picture) => map?.points ?? [];
const keyOf = ({ shard, row }: { shard: string | null; row: number }) => `${shard} ${row}`;

describe('the histograms', () => {
  it('count every judged row of the batch and every distinct trusted row', async () => {
    const { distributions } = await pictureOf([marksOf('a', 100), marksOf('b', 50)]);
    expect(distributions.map(({ kind }) => kind)).toEqual(['label-flip', 'outlier']);
    for (const { batch, trusted, from, to } of distributions) {
      expect([sum(batch), sum(trusted)]).toEqual([135, TRUSTED]);
      expect(batch).toHaveLength(trusted.length);
      expect(to).toBeGreaterThan(from);
    }
  });

  it('spread the trusted rows over many bins, and count to the ends what lies beyond', async () => {
    const scores = Float64Array.of(0, 1, 1);
    const extreme = { ...marksOf('a', 3), detectors: new Map([['outlier', { anomalyScore: scores, pValue: scores }]]) };
    const { distributions } = await pictureOf([extreme]);
    for (const { trusted } of distributions) {
      expect(Math.max(...trusted)).toBeLessThan(TRUSTED / 2);
      expect(trusted.at(-1)).toBe(0);
    }
    const batch = distributions[1]?.batch ?? [];
    expect([batch[0], batch.at(-1), sum(batch)]).toEqual([1, 2, 3]);
  });
});

describe('the map', () => {
  it('shows small batches whole, with label and place of each row', async () => {
    const picture = await pictureOf([marksOf('a', 100, 7)]);
    expect(picture.map).toMatchObject({ batchRows: 100, trustedRows: TRUSTED });
    const points = pointsOf(picture).filter(({ shard }) => shard !== null);
    expect(points).toHaveLength(100);
    expect(points.filter(({ suspect }) => suspect)).toHaveLength(7);
    expect(points.find(({ row }) => row === 5)).toMatchObject({ x: 10, y: 11, label: 'class 0', shard: 'a' });
    expect(points.find(({ row }) => row === 4)?.label).toBeNull();
    expect(pointsOf(picture).filter(({ shard }) => shard === null)).toHaveLength(TRUSTED);
  });

  it('keeps a bounded sample of large ones, whatever the order of the shards', async () => {
    const shards = Array.from({ length: 12 }, (_, index) => marksOf(`shard-${index}`, 2000, 300));
    const picture = await pictureOf(shards);
    const points = pointsOf(picture).filter(({ shard }) => shard !== null);
    expect(points.filter(({ suspect }) => suspect)).toHaveLength(1500);
    expect(points.filter(({ suspect }) => !suspect)).toHaveLength(1500);
    expect(new Set(points.map(keyOf)).size).toBe(3000);
    for (const { shard } of shards) {
      expect(points.filter((point) => point.shard === shard).length).toBeGreaterThan(150);
    }
    expect(await pictureOf([...shards].reverse())).toEqual(picture);
  });

  it('keeps all suspects up to 1,500', async () => {
    const picture = await pictureOf([marksOf('a', 5000, 1400)]);
    expect(pointsOf(picture).filter(({ suspect }) => suspect)).toHaveLength(1400);
  });

  it('is left out without one in the baseline, and passes over shards that were not judged', async () => {
    expect((await pictureOf([marksOf('a', 10)], { ...baseline, map: null })).map).toBeNull();
    const unjudged = {
      ...marksOf('a', 10),
      detectors: new Map(),
      places: new Float32Array(0),
      labels: new Int32Array(0),
    };
    const { map, distributions } = await pictureOf([unjudged]);
    expect(map?.batchRows).toBe(0);
    expect(distributions.map(({ batch }) => sum(batch))).toEqual([0, 0]);
  });
});
