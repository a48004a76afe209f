import { parseArgs } from 'node:util';
import { binomialBound } from './binomial-bound.js';
import { type Story, tellStory, type World } from './drip-simulation.js';

const { values: flags } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, batches: { type: 'string', default: '1000' } },
});
const seeds = Number(flags.seeds);
const batches = Number(flags.batches);

/** Of the default policy: a false-quarantine rate of 1 %, a sixth of it for the ledger. */
const level = 0.01 / 6;
const tolerance = 0.005;
const world = { sources: 8, rows: 450, noise: 0.05, tolerance, level, batches };

const clean: readonly (readonly [string, World])[] = [
  ['alike', world],
  ['alike, labels hard to tell', { ...world, noise: 0.2 }],
  ['each off by up to half the tolerance', { ...world, offset: (_, random) => tolerance * (random() - 0.5) }],
  [
    'one worse by three quarters of the tolerance',
    { ...world, offset: (source) => (source === 0 ? 0.75 * tolerance : 0) },
  ],
  ['a drift common to all', { ...world, drift: (batch) => 0.04 * Math.sin(batch / 40) + 0.0001 * batch }],
  ['100 names, 40 rows each', { ...world, sources: 100, rows: 40, batches: Math.min(batches, 200) }],
];
/** Beyond what is promised. */
const uneven: readonly (readonly [string, World])[] = [
  ['each off by about twice the tolerance', { ...world, offset: (_, random) => 4 * tolerance * (random() - 0.5) }],
];
const drip =
  (share: number, from = 1) =>
  (source: number, batch: number) =>
    source === 3 && batch >= from ? share : 0;
const poisoned: readonly (readonly [string, World, number])[] = [
  ['2 % of a source, labels easy to tell', { ...world, noise: 0.01, poison: drip(0.02) }, 1],
  ['2 % of a source', { ...world, poison: drip(0.02) }, 1],
  ['2 % of a source, labels hard to tell', { ...world, noise: 0.2, poison: drip(0.02) }, 1],
  ['2 % of a source after 50 good batches', { ...world, poison: drip(0.02, 51) }, 51],
  ['5 % of a source', { ...world, poison: drip(0.05) }, 1],
  ['2 % of two sources of eight', { ...world, poison: (source) => (source === 3 || source === 5 ? 0.02 : 0) }, 1],
  [
    '2 % of 100 names never seen again, 9 rows each',
    { ...world, sources: 200, rows: 9, freshFrom: 100, poison: (source) => (source >= 100 ? 0.02 : 0) },
    1,
  ],
];

function tell(one: World): Story[] {
  return Array.from({ length: seeds }, (_, seed) => tellStory(one, `drip/${seed}`));
}

function reportClean(title: string, one: World, isPromised: boolean): boolean {
  const alarms = tell(one).filter(({ falseAlarm }) => falseAlarm).length;
  const allowed = binomialBound(seeds, level, 0.001);
  const isKept = !isPromised || alarms <= allowed;
  const promise = isPromised ? `at most ${allowed}` : 'nothing is promised';
  console.log(`  ${title.padEnd(46)} ${alarms} of ${seeds} ever alarm (${promise})${isKept ? '' : '  BROKEN'}`);
  return isKept;
}

function reportPoisoned(title: string, one: World, from: number): boolean {
  const stories = tell(one);
  const perBatch = one.freshFrom === undefined ? one.rows : one.rows * (one.sources - one.freshFrom);
  const rows = stories.map(({ caught = Infinity }) => (caught - from + 1) * perBatch).sort((a, b) => a - b);
  const at = (share: number) => String(rows[Math.ceil(share * rows.length) - 1] ?? Infinity).padStart(8);
  const innocent = stories.filter(({ falseAlarm }) => falseAlarm).length;
  console.log(`  ${title.padEnd(46)} ${at(0.5)} ${at(0.9)}   ${innocent}`);
  return innocent <= binomialBound(seeds, level, 0.001);
}

const started = Date.now();
console.log(`Clean: ${batches} batches of ${world.sources} sources with ${world.rows} rows each, ${seeds} seeds`);
const kept = [
  ...clean.map(([title, one]) => reportClean(title, one, true)),
  ...uneven.map(([title, one]) => reportClean(title, one, false)),
];
console.log(`\nPoisoned: rows of the source until it is condemned   median     90 %   others condemned`);
kept.push(...poisoned.map(([title, one, from]) => reportPoisoned(title, one, from)));
const isKept = kept.every(Boolean);
console.log(`\n${isKept ? 'All bounds kept' : 'BOUNDS BROKEN'}, ${Math.round((Date.now() - started) / 1000)} seconds.`);
process.exitCode = isKept ? 0 : 1;
