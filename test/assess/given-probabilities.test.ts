import { deserialize, serialize } from 'node:v8';
import type { Table } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { assessShard } from '../../src/assess/index.js';
import { decodeBaseline, encodeBaseline, fitProvisional } from '../../src/baseline/index.js';
import { assignRoles, type NamedColumns } from '../../src/encode/index.js';
import { normals, seededRandom, startBackend } from '../../src/linear/index.js';
import { parseContract } from '../../src/verify/index.js';
import { fitOn } from '../baseline/trusted.js';
import { auroc } from '../detect/auroc.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';

const CLASSES = ['cat', 'dog', 'owl'];

beforeAll(async () => {
  await startBackend('wasm');
});

interface Drawn {
  readonly labels: string[];
  readonly probabilities: number[][];
  readonly isFlipped: boolean[];
}

/** Probabilities of a fair model over true classes, whose labels are then flipped at the share. */
function draw(rows: number, seed: string, share = 0): Drawn {
  const random = seededRandom(seed);
  const drawn: Drawn = { labels: [], probabilities: [], isFlipped: [] };
  for (let row = 0; row < rows; row++) {
    const scores = [...normals(random, 3)].map((score) => Math.exp(2.5 * score));
    const sum = scores.reduce((a, b) => a + b, 0);
    const probabilities = scores.map((score) => score / sum);
    let [rest, truth] = [random(), 0];
    while (truth < 2 && rest > probabilities[truth]!) rest -= probabilities[truth++]!;
    const isFlipped = random() < share;
    drawn.labels.push(CLASSES[isFlipped ? (truth + 1) % 3 : truth]!);
    drawn.probabilities.push(probabilities);
    drawn.isFlipped.push(isFlipped);
  }
  return drawn;
}

function table({ labels, probabilities }: Drawn, more: Parameters<typeof tableOf>[0] = {}): Table {
  return tableOf({ pred_probs: lists(probabilities), label: strings(labels), ...more });
}

function assess(shard: Table, baseline = fitOn(table(draw(600, 'trusted'))), named: Partial<NamedColumns> = {}) {
  return assessShard({ path: 'shard', sha256: 'digest', table: shard }, { baseline, columns: { ids: [], ...named } });
}

function contractOf(classes?: readonly string[]): NamedColumns {
  const columns = [
    {
      name: 'pred_probs',
      type: `FixedSizeList[${classes?.length ?? 3}]<Float32>`,
      role: 'pred_probs',
      ...(classes && { classes }),
    },
    { name: 'label', type: 'Utf8', role: 'label' },
  ];
  const parsed = parseContract({ version: 1, columns });
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return { ids: [], contract: parsed.contract };
}

describe('probabilities that the rows bring', () => {
  it('judge labels alone where there is no other column, and that is said', () => {
    const baseline = fitOn(table(draw(600, 'trusted')));
    expect(baseline.detectors.map(({ kind }) => kind)).toEqual(['label-flip']);
    expect(baseline.notes).toEqual(
      expect.arrayContaining([
        expect.stringContaining('Labels are judged by the probabilities in column pred_probs.'),
        expect.stringContaining('nothing is said of outliers'),
      ]),
    );
  });

  it('rank flipped labels first, and call their classes', () => {
    const batch = draw(1000, 'batch', 0.1);
    const { rows, assessment } = assess(table(batch));
    const [flip] = rows.detectors;
    expect(assessment.faults).toEqual([]);
    expect(auroc(flip!.anomalyScore, (row) => batch.isFlipped[row]!)).toBeGreaterThan(0.85);
    batch.probabilities.forEach((own, row) => expect(flip!.calledClass[row]).toBe(own.indexOf(Math.max(...own))));
  });

  it('leave outliers to the other columns', () => {
    const trusted = draw(600, 'trusted');
    const noise = (seed: string, rows: number) => numbers([...normals(seededRandom(seed), rows)]);
    const baseline = fitOn(table(trusted, { size: noise('a', 600) }));
    expect(baseline.detectors.map(({ kind }) => kind)).toEqual(['label-flip', 'outlier']);
    const batch = draw(50, 'batch');
    const { rows } = assess(table(batch, { size: noise('b', 50) }), baseline);
    expect(rows.detectors[0]!.anomalyScore).toEqual(assess(table(batch)).rows.detectors[0]!.anomalyScore);
  });

  it('stand in the order that the contract says, also of classes that no trusted row has', () => {
    const turn = ({ probabilities, ...drawn }: Drawn): Drawn => ({
      ...drawn,
      probabilities: probabilities.map(([cat, dog, owl]) => [owl!, 0, cat!, dog!]),
    });
    const named = contractOf(['owl', 'yak', 'cat', 'dog']);
    const baseline = fitOn(table(turn(draw(600, 'trusted'))), named);
    const batch = draw(100, 'batch', 0.1);
    const turned = assess(table(turn(batch)), baseline, named).rows;
    const plain = assess(table(batch)).rows;
    plain.detectors[0]!.anomalyScore.forEach((score, row) =>
      expect(turned.detectors[0]!.anomalyScore[row]).toBeCloseTo(score, 5),
    );
  });

  it('go unused in rows where they are none, which is advice for so few', () => {
    const batch = draw(40, 'batch');
    const cells: (number[] | null)[] = [...batch.probabilities];
    cells[0] = null;
    cells[1] = [0.5, Number.NaN, 0.5];
    cells[2] = [1.5, -0.5, 0];
    cells[3] = [0.5, 0.5, 0.5];
    cells[4] = [0.334, 0.333, 0.34];
    const { rows, assessment } = assess(tableOf({ pred_probs: lists(cells), label: strings(batch.labels) }));
    const unjudged = [...rows.detectors[0]!.anomalyScore].flatMap((score, row) => (Number.isNaN(score) ? [row] : []));
    expect(unjudged).toEqual([0, 1, 2, 3]);
    expect(assessment.faults).toEqual([
      {
        kind: 'schema',
        summary: '4 of 40 rows have no probabilities that sum to 1 in column pred_probs; their labels are not checked',
        numbers: { column: 'pred_probs', rows: 4 },
        holds: false,
      },
    ]);
  });

  it('may be missing in as many rows as among the trusted ones; more hold the shard', () => {
    const thin = ({ probabilities, ...drawn }: Drawn, every: number): Drawn => ({
      ...drawn,
      probabilities: probabilities.map((own, row) => (row % every === 0 ? own.map((one) => one / 2) : own)),
    });
    const baseline = fitOn(table(thin(draw(600, 'trusted'), 10)));
    const holds = (every: number) =>
      assess(table(thin(draw(200, 'batch'), every)), baseline).assessment.faults.map((fault) => fault.holds);
    expect(holds(10)).toEqual([false]);
    expect(holds(4)).toEqual([true]);
    expect(holds(1)).toEqual([true]);
  });

  it('must be in every shard, as many as in the trusted rows', () => {
    const batch = draw(40, 'batch');
    expect(assess(tableOf({ label: strings(batch.labels) })).assessment.faults).toEqual([
      expect.objectContaining({ summary: 'column pred_probs (pred_probs) is missing', holds: true }),
    ]);
    const two = batch.probabilities.map(([a]) => [a!, 1 - a!]);
    expect(assess(table({ ...batch, probabilities: two })).assessment).toMatchObject({ isJudged: false });
  });

  it('are ignored where only the batch has them, and that is said', () => {
    const noise = (seed: string, rows: number) => numbers([...normals(seededRandom(seed), rows)]);
    const baseline = fitOn(tableOf({ size: noise('a', 200), label: strings(draw(200, 'trusted').labels) }));
    const { assessment } = assess(table(draw(40, 'batch'), { size: noise('b', 40) }), baseline);
    expect(assessment).toMatchObject({ isJudged: true, unusedColumns: ['pred_probs'] });
  });

  it('are kept with a built baseline', () => {
    const baseline = fitOn(table(draw(600, 'trusted')));
    expect(decodeBaseline(encodeBaseline(baseline), 'b')).toEqual(deserialize(serialize(baseline)));
  });

  it.each([
    [
      'as many as classes',
      () =>
        fitOn(
          table({ ...draw(200, 't'), labels: draw(200, 't').labels.map((label) => (label === 'owl' ? 'dog' : label)) }),
        ),
      /3 probabilities a row in column pred_probs, the label has 2 values/,
    ],
    ['of all classes', () => fitOn(table(draw(200, 't')), contractOf(['cat', 'dog', 'yak'])), /has rows labelled owl/],
    [
      'probabilities',
      () =>
        fitOn(
          table({ ...draw(200, 't'), probabilities: draw(200, 't').probabilities.map((own) => own.map((p) => 9 * p)) }),
        ),
      /only 0 of 200 rows with probabilities that sum to 1/,
    ],
    [
      'in one column',
      () => fitOn(table(draw(200, 't'), { probabilities: lists(draw(200, 't').probabilities) })),
      /probabilities in several columns: pred_probs, probabilities/,
    ],
  ])('must be %s', (_, fit, message) => {
    expect(fit).toThrow(
      expect.objectContaining({ code: 'BASELINE_UNUSABLE', message: expect.stringMatching(message) }),
    );
  });
});

describe('probabilities that a batch brings which judges itself', () => {
  function fitAlone(batch: Table, named: NamedColumns = { ids: [] }) {
    return fitProvisional({ table: batch, sha256: 'digest', path: 'batch' }, assignRoles(batch, named, 'batch'), named);
  }

  function judge(batch: Table, named: NamedColumns = { ids: [] }) {
    return assess(batch, fitAlone(batch, named), named);
  }

  it('rank flipped labels first, and that they were used is said', () => {
    const batch = draw(1000, 'batch', 0.1);
    const { rows, assessment } = judge(table(batch));
    expect(assessment.faults).toEqual([]);
    expect(rows.detectors.map(({ kind }) => kind)).toEqual(['label-flip']);
    expect(auroc(rows.detectors[0]!.anomalyScore, (row) => batch.isFlipped[row]!)).toBeGreaterThan(0.85);
    batch.probabilities.forEach((own, row) =>
      expect(rows.detectors[0]!.calledClass[row]).toBe(own.indexOf(Math.max(...own))),
    );
    expect(fitAlone(table(batch)).notes).toContainEqual(
      expect.stringContaining('Labels are judged by the probabilities in column pred_probs.'),
    );
  });

  it('judge labels where there are other columns, too, which are left to say what is an outlier', () => {
    const batch = draw(1000, 'batch', 0.1);
    const size = numbers([...normals(seededRandom('size'), 1000)]);
    const [flip, outlier] = judge(table(batch, { size })).rows.detectors;
    expect(auroc(flip!.anomalyScore, (row) => batch.isFlipped[row]!)).toBeGreaterThan(0.85);
    expect(outlier!.kind).toBe('outlier');
  });

  it('give rows of sound labels a uniform p-value', () => {
    const [flip] = judge(table(draw(1000, 'batch'))).rows.detectors;
    for (const level of [0.05, 0.2, 0.5]) {
      const share = [...flip!.pValue].filter((p) => p <= level).length / 1000;
      expect(Math.abs(share - level)).toBeLessThan(0.04);
    }
  });

  it('are of the classes that the contract lists: another label is unknown, whatever the sender says', () => {
    const batch = draw(400, 'batch');
    batch.labels[7] = 'yak';
    const { rows, assessment } = judge(table(batch), contractOf(CLASSES));
    expect(rows.labels[7]).toBe(-1);
    expect(assessment.faults).toEqual([
      expect.objectContaining({ numbers: { column: 'label', rows: 1 }, holds: false }),
    ]);
    expect([...rows.detectors[0]!.anomalyScore].filter(Number.isNaN)).toHaveLength(1);
  });

  it('go unused in rows where they are none, which is advice', () => {
    const batch = draw(400, 'batch');
    const cells: (number[] | null)[] = [...batch.probabilities];
    cells[3] = null;
    const { rows, assessment } = judge(tableOf({ pred_probs: lists(cells), label: strings(batch.labels) }));
    expect(assessment.faults).toEqual([expect.objectContaining({ numbers: { column: 'pred_probs', rows: 1 } })]);
    expect(rows.detectors[0]!.pValue[3]).toBeNaN();
  });

  it.each([
    ['as many as classes', () => ({ ...draw(200, 't'), labels: draw(200, 't').labels.map(() => 'cat') }), /has 3 prob/],
    [
      'probabilities',
      () => ({ ...draw(200, 't'), probabilities: draw(200, 't').probabilities.map((own) => own.map((p) => 9 * p)) }),
      /only 0 of 200 rows/,
    ],
  ])('must be %s', (_, drawn, message) => {
    expect(() => fitAlone(table(drawn()))).toThrow(
      expect.objectContaining({ code: 'BATCH_UNUSABLE', message: expect.stringMatching(message) }),
    );
  });
});
