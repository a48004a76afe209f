import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../src/errors.js';
import type { Check } from './interop/check.js';
import { gateChecks } from './interop/gate.js';
import { gateLogChecks } from './interop/gate-log.js';
import { goldenChecks } from './interop/golden.js';
import { hostileChecks, stopHostile } from './interop/hostile.js';
import { modelSigningChecks } from './interop/model-signing.js';
import { parquetChecks } from './interop/parquet.js';
import { scannedChecks } from './interop/scanned.js';

const data = '../shared/data/interop';
const hostile = ['arrow-file-fuzz', 'arrow-stream-fuzz', 'parquet-bad', 'parquet-fuzz'];

async function failureOf({ run }: Check): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function checkAll(): Promise<number> {
  const modelSigning = await modelSigningChecks(join(data, 'model-signing'));
  const gate = await gateChecks();
  const gateLog = await gateLogChecks();
  const scanned = await scannedChecks();
  const checks = [
    ...modelSigning.checks,
    ...gate.checks,
    ...gateLog.checks,
    ...scanned.checks,
    ...(await goldenChecks(join(data, 'arrow-golden'))),
    ...(await parquetChecks(join(data, 'parquet'))),
    ...(await Promise.all(hostile.map((folder) => hostileChecks(join(data, folder))))).flat(),
  ];
  let failed = 0;
  for (const check of checks) {
    const failure = await failureOf(check);
    if (failure === undefined) continue;
    failed += 1;
    console.log(`FAILED  ${check.name}: ${failure}`);
  }
  stopHostile();
  await modelSigning.stop();
  await gate.stop();
  await gateLog.stop();
  await scanned.stop();
  console.log(`test:interop: ${checks.length - failed} passed, ${failed} failed`);
  return failed;
}

if (existsSync(data)) {
  process.exitCode = (await checkAll()) === 0 ? 0 : 1;
} else {
  console.log('not run: ../shared absent');
  process.exitCode = process.env['CI'] ? 1 : 0;
}
