import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Table } from 'apache-arrow';
import { decide, testHierarchy } from '../src/decide/index.js';
import { startBackend } from '../src/linear/index.js';
import { defaultShardLimits } from '../src/schema/index.js';
import { type CaseResult, tellCost, testCases } from './drift-cases.js';
import { type DriftPlan, drawTrial, SCENARIOS } from './drift-scenarios.js';
import { readTable } from './read-table.js';
import { assessTrial } from './test-batch.js';

const clean = '../shared/data/clean';
const cases = '../shared/data/cases';
const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    corpora: { type: 'string', default: 'adult,letter,credit,telco,churn,sms,banking77,sst2,agnews,mnist' },
    scenarios: { type: 'string', default: SCENARIOS.join(',') },
    blocks: { type: 'string', default: '1,10' },
    // Poisoned ones; a pattern.
    cases: { type: 'string', default: '.' },
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
  /** Told as drift: ones that are held as well. */
  drifted: number;
  readonly families: Map<string, number>;
}

function emptyTally(): Tally {
  return { batches: 0, held: 0, heldAsTheyAre: 0, drifted: 0, families: new Map() };
}

/** Adds what becomes of batches drawn from a corpus to each tally. */
async function countTrials(table: Table, of: Omit<DriftPlan, 'seed'>, tallies: readonly Tally[]): Promise<void> {
  for (let seed = 0; seed < Number(flags.seeds); seed++) {
    const trial = drawTrial(table, { ...of, seed });
    if (trial === undefined) continue;
    const { baseline, assessments, counted, shifts } = await assessTrial(trial, policy);
    const { decision } = decide(assessments, baseline, policy, of.corpus, counted, { shifts });
    const asTheyAre = testHierarchy(assessments, { ...baseline, covariates: null }, policy, `${seed}`, counted);
    for (const tally of tallies) {
      tally.batches++;
      if (decision.verdict === 'quarantine') tally.held++;
      if (asTheyAre.gate) tally.heldAsTheyAre++;
      if (decision.findings.some(({ kind }) => kind === 'drift')) tally.drifted++;
      for (const { family, rejected } of decision.families)
        if (rejected) tally.families.set(family, (tally.families.get(family) ?? 0) + 1);
    }
  }
}

function tell(title: string, { batches, held, heldAsTheyAre, drifted, families }: Tally, note = ''): void {
  if (batches === 0) return;
  const by = [...families].map(([family, count]) => `${family} ${count}`).join(', ');
  const counts = `${String(held).padStart(4)} of ${batches} held${note}, ${heldAsTheyAre} by trusted rows as they are, ${drifted} told as drift`;
  console.log(`${title.padEnd(34)} ${counts}  ${by}`);
}

async function measure(): Promise<void> {
  const together = new Map<string, Tally>();
  const scenarios = SCENARIOS.filter((name) => flags.scenarios.split(',').includes(name));
  for (const corpus of flags.corpora.split(',')) {
    const table = await readTable(`${clean}/${corpus}.parquet`);
    for (const scenario of scenarios) {
      for (const blocks of flags.blocks.split(',').map(Number)) {
        const title = `${scenario}, ${blocks === 1 ? 'one block' : `${blocks} blocks`}`;
        const [own, all] = [emptyTally(), together.get(title) ?? emptyTally()];
        together.set(title, all);
        await countTrials(table, { corpus, scenario, blocks }, [own, all]);
        tell(`  ${corpus}, ${title}`, own);
      }
    }
  }
  let isKept = true;
  for (const [title, tally] of together) {
    const isWithin = tally.held <= Math.max(1, MOST_HELD * tally.batches);
    isKept &&= isWithin;
    tell(title, tally, isWithin ? '' : '  TOO MANY');
  }
  process.exitCode = isKept ? 0 : 1;
}

/** What it costs not to be alarmed by change. */
async function measureCases(): Promise<void> {
  const results: CaseResult[] = [];
  for await (const result of testCases(cases, new RegExp(flags.cases), policy)) {
    results.push(result);
    const { name, weighted, plain } = result;
    const show = ({ isHeld, pValue }: CaseResult['plain']) =>
      `${isHeld ? 'held' : 'released'}, p ${pValue.toPrecision(2)}`;
    console.log(`  ${name}: ${show(weighted)}; by trusted rows as they are ${show(plain)}`);
  }
  if (results.length > 0) console.log(tellCost(results, policy));
}

if (existsSync(clean)) {
  await startBackend('wasm');
  await measure();
  if (existsSync(cases)) await measureCases();
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] === undefined ? 0 : 1;
}
