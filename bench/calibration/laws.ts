import { addBet, logEValue, NO_BETS } from '../../src/decide/drip/e-process.js';
import { gatherItems } from '../../src/decide/gathering.js';
import { testItems } from '../../src/decide/items.js';
import { testPlanted } from '../../src/decide/planted-triggers.js';
import type { Trial } from '../../src/decide/scope.js';
import { bonferroni, simes } from '../../src/decide/significance/multiplicity.js';
import { blockPValue, type Excess } from '../../src/decide/significance/statistic.js';
import { testTriggers } from '../../src/decide/trigger-candidates.js';
import { weighRanks } from '../../src/detect/contradictions/rank-evidence.js';
import { type CopyRows, type Item, type ItemCounts, rankPValue } from '../../src/detect/index.js';
import { type Random, standardNormal } from '../../src/linear/index.js';
import { testLeaningScope, testSoundPart, testSoundScope } from './scopes.js';

/** p-values of data that nothing distinguishes from what it is compared with, by name of the test. */
export type PValues = Readonly<Record<string, number>>;
type Draw = (random: Random, seed: string) => PValues;

const draws = <T>(count: number, draw: (at: number) => T) => Array.from({ length: count }, (_, at) => draw(at));

function nameTrials(trials: readonly Trial[], suffix: string): PValues {
  return Object.fromEntries(trials.map(({ kind, test, pValue }) => [`${kind}-${test}${suffix}`, pValue]));
}

const TRUSTED_SCORES = 200;

function row(random: Random): PValues {
  const trusted = Float64Array.from(draws(TRUSTED_SCORES, () => random())).sort();
  return { row: rankPValue(trusted, random()) };
}

const BLOCKS = 8;

/** Blocks and scope differ in their rates by nature, and by sampling. */
function blocks(random: Random): PValues {
  const excessOf = (rows: number): Excess => {
    const variance = rows * 0.05;
    const value = rows * 0.01 * standardNormal(random) + Math.sqrt(variance) * standardNormal(random);
    return { value, variance, rows, rowsPerUnit: 1 };
  };
  return {
    blocks: blockPValue(
      excessOf(500),
      draws(BLOCKS, () => excessOf(400)),
    ),
  };
}

const BATCH_ROWS = 2000;
const TRUSTED_ROWS = 1000;
const ITEMS = 30;
const SHARDS = 10;

/** Each carrier falls on batch or trusted rows as rows do. */
function dealt(carriers: number, random: Random): { rows: number; trustedRows: number } {
  let rows = 0;
  let left = BATCH_ROWS;
  for (let at = 0; at < carriers; at++) {
    if (random() * (BATCH_ROWS + TRUSTED_ROWS - at) >= left) continue;
    rows++;
    left--;
  }
  return { rows, trustedRows: carriers - rows };
}

const shardName = (shard: number) => `shard-${shard}`;

function inShards(rows: number, random: Random): Map<string, number> {
  const shards = new Map<string, number>();
  for (let at = 0; at < rows; at++) {
    const name = shardName(Math.floor(random() * SHARDS));
    shards.set(name, (shards.get(name) ?? 0) + 1);
  }
  return shards;
}

const NOTHING = {
  labels: new Map(),
  trustedLabels: new Map(),
  called: new Map(),
  sources: new Map(),
  kin: { rows: 0, trustedRows: 0 },
};

function itemOf(at: number, random: Random): Item {
  const own = dealt(8 + at, random);
  return { ...NOTHING, ...own, signatures: [at], shards: inShards(own.rows, random), first: { shard: '', row: at } };
}

function copyRows(carriers: number, random: Random): CopyRows {
  const own = dealt(carriers, random);
  return { ...own, spread: 1, shards: inShards(own.rows, random), digests: [] };
}

const UNKNOWN = {
  listed: new Map<string, number[]>(),
  vouched: 0,
  amongTrusted: { rows: 0, belied: 0 },
};

function countsOf(items: readonly Item[], random: Random): ItemCounts {
  return {
    rows: BATCH_ROWS,
    trustedRows: TRUSTED_ROWS,
    items,
    leastTotal: 8,
    usualCopies: 1,
    mostTrustedCopies: 4,
    copies: {
      repeated: copyRows(150, random),
      contradicted: copyRows(60, random),
      belied: { ...copyRows(40, random), ofGroups: copyRows(40, random), ...UNKNOWN },
      copied: dealt(20, random),
    },
    shardRows: new Map(draws(SHARDS, (shard) => [shardName(shard), BATCH_ROWS / SHARDS] as const)),
    sourceRows: new Map(),
  };
}

const kind = 'duplicate-flood';
const LEVEL = 0.01;

function items(random: Random): PValues {
  const counts = countsOf(
    draws(ITEMS, (at) => itemOf(at, random)),
    random,
  );
  const counted = counts.items.map((item, at) => ({ item: at, rows: item.rows, trustedRows: item.trustedRows }));
  const candidates = testTriggers(
    { rows: BATCH_ROWS, trustedRows: TRUSTED_ROWS, items: counted, tests: ITEMS, leastTotal: 1 },
    1,
  );
  return {
    'duplicate-flood-items': testItems([{ kind, counts }], LEVEL, 0).pValue,
    'duplicate-flood-small-groups': testItems([{ kind, counts: { ...counts, items: [] } }], LEVEL, 0).pValue,
    'duplicate-flood-gathering': bonferroni(gatherItems(counts).map(({ pValue }) => pValue)),
    'trigger-items': bonferroni(
      candidates.map(({ pValue }) => pValue),
      1,
    ),
  };
}

const CARRIERS = 24;
const CLASS_ROWS = 400;

/** Carriers that are rows of their class like any others. */
function contradiction(random: Random): PValues {
  const scores = (count: number) => Float64Array.from(draws(count, () => random()));
  const others = scores(CLASS_ROWS).sort();
  return { 'trigger-contradiction': weighRanks(scores(CARRIERS), others, scores(CLASS_ROWS).sort()).pValue };
}

const ANSWER_SHARE = 0.1;

/** Answers that have nothing to do with what prompts have. */
function prompts(random: Random): PValues {
  const half = (carriers: number, others: number) => {
    const answering = (rows: number) => draws(rows, () => random()).filter((u) => u < ANSWER_SHARE).length;
    return { carriers, answering: answering(carriers), others, othersAnswering: answering(others) };
  };
  const triggers = draws(5, (hash) => {
    const halves = [half(10, 300), half(10, 300)] as const;
    return { hash, text: '', answer: null, counts: halves[0], halves, isAnswer: () => false, rows: [] };
  });
  const planted = { tested: triggers.length, triggers } as unknown as Parameters<typeof testPlanted>[0];
  return { 'trigger-prompts': testPlanted(planted, LEVEL).pValue };
}

const FAMILY = 12;
const BETS = 60;

function families(random: Random): PValues {
  const pValues = draws(FAMILY, () => random());
  let wealth = NO_BETS;
  let most = 0;
  for (let bet = 0; bet < BETS; bet++) {
    wealth = addBet(wealth, random());
    most = Math.max(most, logEValue(wealth));
  }
  return { simes: simes(pValues), bonferroni: bonferroni(pValues), 'slow-drip': Math.exp(-most) };
}

const scope: Draw = (random, seed) => {
  const { trials, pairs } = testSoundScope(random, seed, false);
  return { ...nameTrials(trials, ''), 'label-flip-class-pairs': pairs };
};
const shifted: Draw = (random, seed) => {
  const { trials } = testSoundScope(random, seed, true);
  return nameTrials(
    trials.filter(({ kind: own }) => own === 'outlier'),
    '-other-classes',
  );
};
const part: Draw = (random, seed) => nameTrials(testSoundPart(random, seed), '-within-batch');

const leaning: Draw = (random, seed) => {
  const { trials, pairs } = testLeaningScope(random, seed, true);
  return { ...nameTrials(trials, '-other-covariates'), 'label-flip-class-pairs-other-covariates': pairs };
};

/** Sound data once for each test. */
export const drawPValues: Draw = (random, seed) => ({
  ...row(random),
  ...scope(random, seed),
  ...shifted(random, seed),
  ...part(random, seed),
  ...blocks(random),
  ...items(random),
  ...contradiction(random),
  ...prompts(random),
  ...families(random),
  ...leaning(random, seed),
});
