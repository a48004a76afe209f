import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Table } from 'apache-arrow';
import { readLabels } from '../src/baseline/columns.js';
import { groupCopies } from '../src/baseline/copies.js';
import type { Baseline } from '../src/baseline/index.js';
import { spectralPValue } from '../src/decide/index.js';
import type { LabelFlipModel } from '../src/detect/detectors/label-flip.js';
import { alongDirections, type ClassedRows, countSpectral, detectorOf } from '../src/detect/index.js';
import { takeClassed } from '../src/detect/spectral/scatter.js';
import { type EncodedRows, encodeRows, rowDigests } from '../src/encode/index.js';
import { gramSums, type Matrix, startBackend } from '../src/linear/index.js';
import { defaultShardLimits } from '../src/schema/index.js';
import { type ImpactModel, lossWith } from './clean-label/impact.js';
import { spectralScores } from './clean-label/spectral.js';
import { drawTrial } from './drift-scenarios.js';
import { type AttackName, planAttack } from './quality/attacks.js';
import { split } from './quality/search.js';
import { auroc } from './ranking.js';
import { readTable } from './read-table.js';
import { testBatch } from './test-batch.js';

const clean = '../shared/data/clean';
const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'mnist,letter,credit,sst2' },
    seeds: { type: 'string', default: '3' },
    /** Poisoned rows of the batch; half as many are put into one shard when shards are compared. */
    count: { type: 'string', default: '100' },
    /** Any of rows, drift and shards. */
    parts: { type: 'string', default: 'rows,drift,shards' },
  },
});
const tolerance = 0.005;
const policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance, limits: defaultShardLimits } as const;
const SHARDS = 12;
/** Clean shards that the impact of a poisoned one is compared with. */
const COMPARED = 19;

interface Judged {
  readonly baseline: Baseline;
  readonly trusted: ClassedRows;
  readonly encode: (table: Table) => EncodedRows<Matrix> & ClassedRows;
}

function judgedBy(baseline: Baseline, trusted: Table): Judged {
  const encode = (table: Table) => ({ ...encodeRows(baseline.encoder, table), labels: labelsOf(baseline, table) });
  return { baseline, trusted: encode(trusted), encode };
}

function labelsOf({ columns, classes }: Baseline, table: Table): Int32Array {
  const own = readLabels(table, columns);
  const places = own.classes.map((name) => classes.indexOf(name));
  return own.labels.map((label) => places[label] ?? -1);
}

/** How the poisoned rows rank among the rows of the classes that have any. */
function rankings({ baseline, encode }: Judged, batch: Table, poisoned: readonly number[]) {
  const rows = encode(batch);
  const bad = new Set(poisoned);
  const touched = new Set(poisoned.map((row) => rows.labels[row]));
  const among = [...rows.labels.keys()].filter((row) => touched.has(rows.labels[row] as number));
  const ranked = (scores: Float64Array) =>
    auroc(
      Float64Array.from(among, (row) => scores[row] as number),
      (at) => bad.has(among[at] as number),
    );
  const byDetector = (kind: 'label-flip' | 'outlier') => {
    const fitted = baseline.detectors.find((one) => one.kind === kind);
    return ranked(detectorOf(kind).evaluate(fitted?.model, rows).anomalyScore);
  };
  return [byDetector('label-flip'), byDetector('outlier'), ranked(spectralScores(rows, baseline.classes.length))];
}

const cut = (table: Table) =>
  Array.from({ length: SHARDS }, (_, shard) => {
    const at = (s: number) => Math.floor((s * table.numRows) / SHARDS);
    return table.slice(at(shard), at(shard + 1));
  });

async function judgeBatch(corpus: string, seed: number, trusted: Table, batch: Table) {
  const blockOf = new Int32Array(trusted.numRows);
  const { baseline, outcomes } = await testBatch({ corpus, seed, trusted, blockOf, shards: cut(batch) }, policy);
  return { judged: judgedBy(baseline, trusted), outcomes };
}

function spectralOf({ spectral }: Baseline, { features, labels }: ClassedRows): number {
  if (spectral === null) return 1;
  const along = alongDirections(spectral, features, Int32Array.from(labels.keys()));
  return spectralPValue(countSpectral(spectral, { features: along, labels }), tolerance);
}

const show = (value: number) => (value === 0 || value >= 0.001 ? value.toFixed(3) : value.toExponential(0));

async function compareRows(corpus: string, table: Table): Promise<void> {
  for (const name of ['none', 'collision', 'clean-trigger'] as const) {
    for (let seed = 0; seed < Number(flags.seeds); seed++) {
      const { trusted, batch } = split(table, `${corpus}/${seed}`);
      const attack = name === 'none' ? undefined : planAttack(name, batch, `${corpus}/${seed}`);
      if (attack === undefined && name !== 'none') continue;
      const count = Math.min(attack?.most ?? 0, Number(flags.count));
      const { judged, outcomes } = await judgeBatch(corpus, seed, trusted, attack?.poison(count) ?? batch);
      const rows = judged.encode(attack?.poison(count) ?? batch);
      const ranks = attack === undefined ? [] : rankings(judged, attack.poison(count), attack.chosen(count));
      const pValue = spectralOf(judged.baseline, rows);
      const least = Math.min(...outcomes.families.map((family) => family.pValue));
      line([
        corpus,
        name,
        `${count}`,
        ...ranks.map((rank) => rank.toFixed(3)),
        ...pad(3 - ranks.length),
        show(least),
        show(pValue),
      ]);
    }
  }
}

/** Honest change, by which the spectral test must not hold a batch. */
async function compareDrift(corpus: string, table: Table): Promise<void> {
  for (const scenario of ['tilt', 'topic'] as const) {
    for (let seed = 0; seed < Number(flags.seeds); seed++) {
      const trial = drawTrial(table, { corpus, scenario, blocks: 1, seed });
      if (trial === undefined) continue;
      const { baseline, outcomes } = await testBatch(trial, policy);
      const judged = judgedBy(baseline, trial.trusted);
      const rows = judged.encode(trial.shards.reduce((all, shard) => all.concat(shard)));
      const pValue = spectralOf(baseline, rows);
      const least = Math.min(...outcomes.families.map((family) => family.pValue));
      line([corpus, `sound, ${scenario}`, '0', ...pad(3), show(least), show(pValue)]);
    }
  }
}

const pad = (count: number) => Array.from({ length: count }, () => '');
const line = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
const head = (cells: readonly string[]) => {
  line(cells);
  line(cells.map(() => '---'));
};

/** One shard poisoned: where its impact lies among clean ones, beside the p-value of its own tests. */
async function compareShards(corpus: string, table: Table): Promise<void> {
  for (const name of ['flips', 'targeted-flips', 'outliers', 'collision'] as const) {
    for (let seed = 0; seed < Number(flags.seeds); seed++) {
      const { trusted, batch, rest } = split(table, `${corpus}/${seed}`);
      const [first] = cut(batch) as [Table];
      const attack = planAttack(name as AttackName, first, `${corpus}/${seed}`);
      if (attack === undefined) continue;
      const count = Math.min(attack.most, Number(flags.count) / 2);
      const shard = attack.poison(count);
      const { judged, outcomes } = await judgeBatch(corpus, seed, trusted, shard.concat(batch.slice(first.numRows)));
      const worse = impactsBeyond(judged, trusted, rest, shard);
      line([
        corpus,
        name,
        `${count} of ${first.numRows}`,
        show(outcomes.shards[0]?.pValue ?? 1),
        `${worse} of ${COMPARED}`,
      ]);
    }
  }
}

/** How many clean shards of equal size have at least the impact of this one. */
function impactsBeyond({ baseline, trusted, encode }: Judged, table: Table, rest: Table, shard: Table): number {
  const { classes, detectors, columns } = baseline;
  const features = columns.filter(({ role }) => role !== 'label' && role !== 'ignore').map(({ name }) => name);
  const flips = detectors.find(({ kind }) => kind === 'label-flip')?.model as LabelFlipModel;
  const model: ImpactModel = {
    trusted,
    copies: groupCopies(rowDigests(table, features)).copies,
    classes: classes.length,
    lambda: flips.ridge?.lambda ?? 1,
    sums: gramSums(trusted.features, trusted.labels, classes.length),
  };
  const impact = lossWith(model, encode(shard));
  const others = encode(rest);
  const clean = Array.from({ length: COMPARED }, (_, at) => {
    const from = Math.floor((at * (others.rows - shard.numRows)) / COMPARED);
    return lossWith(
      model,
      takeClassed(
        others,
        [...Array(shard.numRows).keys()].map((row) => from + row),
      ),
    );
  });
  return clean.filter((loss) => loss >= impact).length;
}

async function compare(): Promise<void> {
  await startBackend('wasm');
  const tables = new Map<string, Table>();
  for (const corpus of flags.corpora.split(',')) {
    tables.set(corpus, await readTable(`${clean}/${corpus}.parquet`));
  }
  head(['corpus', 'attack', 'rows', 'label-flip', 'outlier', 'spectral', 'least p of families', 'spectral p']);
  const isWanted = (part: string) => flags.parts.split(',').includes(part);
  for (const [corpus, table] of tables) if (isWanted('rows')) await compareRows(corpus, table);
  for (const [corpus, table] of tables) if (isWanted('drift')) await compareDrift(corpus, table);
  if (!isWanted('shards')) return;
  console.log('');
  head(['corpus', 'attack', 'rows of a shard', 'p of the shard', 'clean shards with as much impact']);
  for (const [corpus, table] of tables) await compareShards(corpus, table);
}

if (existsSync(clean)) await compare();
else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] === undefined ? 0 : 1;
}
