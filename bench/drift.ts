import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { testHierarchy } from '../src/decide/index.js';
import { parseShard, pinShard } from '../src/intake/index.js';
import { startBackend } from '../src/linear/index.js';
import { defaultShardLimits } from '../src/schema/index.js';
import { fileStore } from '../src/store/index.js';
import { drawTrial, SCENARIOS, type Scenario } from './drift-scenarios.js';
import { testBatch } from './test-batch.js';

const clean = '../shared/data/clean';
const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    corpora: { type: 'string', default: 'adult,letter,credit,telco,churn,sms,banking77,sst2,agnews,mnist' },
    scenarios: { type: 'string', default: SCENARIOS.join(',') },
    blocks: { type: 'string', default: '1,10' },
  },
});
const policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits } as const;
/** Share of batches that may be held. */
const MOST_HELD = 0.05;

interface Tally {
  batches: number;
  held: number;
  /** Held ones, had trusted rows not been weighted to lie where those of the batch do. */
  heldAsTheyAre: number;
  readonly families: Map<string, number>;
}

async function countTrials(tallies: Map<string, Tally>, corpus: string, scenario: Scenario): Promise<void> {
  const [object] = await fileStore.list(`${clean}/${corpus}.parquet`);
  if (object === undefined) throw new Error(`${corpus} is not there`);
  const table = await parseShard(await pinShard(fileStore, object));
  for (const blocks of flags.blocks.split(',').map(Number)) {
    for (let seed = 0; seed < Number(flags.seeds); seed++) {
      const trial = drawTrial(table, { corpus, scenario, blocks, seed });
      if (trial === undefined) continue;
      const { baseline, assessments, counted, outcomes } = await testBatch(trial, policy);
      const asTheyAre = testHierarchy(assessments, { ...baseline, covariates: null }, policy, `${seed}`, counted);
      const title = `${scenario}, ${blocks === 1 ? 'one block' : `${blocks} blocks`}`;
      for (const key of [title, `  ${corpus} ${scenario} ${blocks}`]) {
        const tally = tallies.get(key) ?? { batches: 0, held: 0, heldAsTheyAre: 0, families: new Map() };
        tallies.set(key, tally);
        tally.batches++;
        if (outcomes.gate) tally.held++;
        if (asTheyAre.gate) tally.heldAsTheyAre++;
        for (const { family, rejected } of outcomes.families)
          if (rejected) tally.families.set(family, (tally.families.get(family) ?? 0) + 1);
      }
    }
  }
}

async function measure(): Promise<void> {
  await startBackend('wasm');
  const tallies = new Map<string, Tally>();
  const scenarios = SCENARIOS.filter((name) => flags.scenarios.split(',').includes(name));
  for (const corpus of flags.corpora.split(','))
    for (const scenario of scenarios) await countTrials(tallies, corpus, scenario);
  let isKept = true;
  for (const [name, { batches, held, heldAsTheyAre, families }] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const by = [...families].map(([family, count]) => `${family} ${count}`).join(', ');
    const isWithin = held <= Math.max(1, MOST_HELD * batches) || name.startsWith('  ');
    isKept &&= isWithin;
    console.log(
      `${name.padEnd(34)} ${String(held).padStart(4)} of ${batches} held${isWithin ? '' : '  TOO MANY'}, ${heldAsTheyAre} by trusted rows as they are  ${by}`,
    );
  }
  process.exitCode = isKept ? 0 : 1;
}

if (existsSync(clean)) await measure();
else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] === undefined ? 0 : 1;
}
