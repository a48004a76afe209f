import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/linear/index.js';
import { calibrateTests, LEVELS } from './calibration/judge.js';
import { drawPValues } from './calibration/laws.js';
import { plotCalibration } from './calibration/plot.js';

const { values: flags } = parseArgs({
  options: {
    resamples: { type: 'string', default: '20000' },
    /** Of the plots. */
    out: { type: 'string', default: 'docs/calibration' },
  },
});
const resamples = Number(flags.resamples);

const tests = calibrateTests(resamples, (resample) => {
  const seed = `calibration/${resample}`;
  return drawPValues(seededRandom(seed), seed);
});
await mkdir(flags.out, { recursive: true });
console.log(`Share of ${resamples} resamples with a p-value at or below\n`);
console.log(`| test | ${LEVELS.join(' | ')} | |`);
console.log(`| --- |${' --- |'.repeat(LEVELS.length + 1)}`);
for (const test of tests) {
  await writeFile(join(flags.out, `${test.name}.svg`), plotCalibration(test));
  const shares = test.counts.map((count) => Number((count / resamples).toPrecision(2)));
  console.log(`| ${test.name} | ${shares.join(' | ')} | ${test.isKept ? '' : 'TOO OFTEN'} |`);
}
process.exitCode = tests.every(({ isKept }) => isKept) ? 0 : 1;
