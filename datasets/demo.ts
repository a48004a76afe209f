import { spawnSync } from 'node:child_process';
import { compare } from './compare.js';
import { readTruth } from './truth.js';

interface Corpus {
  readonly name: string;
  readonly options: readonly string[];
}

const corpora: readonly Corpus[] = [
  { name: 'seattle-weather', options: ['--label', 'weather'] },
  { name: 'digits', options: [] },
];

/** Runs the command as a user would, its output in plain view. */
function runScan({ name, options }: Corpus, report: string): number | null {
  const folder = `datasets/${name}`;
  const parameters = ['scan', `${folder}/incoming`, '--baseline', `${folder}/trusted`, ...options, '--out', report];
  console.log(`\n$ taster ${parameters.join(' ')}\n`);
  return spawnSync(process.execPath, ['dist/src/cli/main.js', ...parameters], { stdio: 'inherit' }).status;
}

async function demonstrate(corpus: Corpus): Promise<boolean> {
  const truth = await readTruth(corpus.name);
  const report = `taster-report/${corpus.name}`;
  const exitCode = runScan(corpus, report);
  console.log(`\nWhat had been done to ${corpus.name}: ${truth.story}`);
  if (exitCode !== 1) {
    console.log(`  MISSED  the scan ended with exit code ${exitCode}; 1 says that something is held back`);
    return false;
  }
  const claims = await compare(truth, report);
  for (const { holds, text } of claims) console.log(`  ${holds ? 'found ' : 'MISSED'}  ${text}`);
  return claims.every(({ holds }) => holds);
}

let found = true;
for (const corpus of corpora) found = (await demonstrate(corpus)) && found;
console.log(found ? '\nThe poison was found in both batches, and no clean shard was held.' : '\nThe demo failed.');
console.log('The full reports are in taster-report/.');
process.exitCode = found ? 0 : 1;
