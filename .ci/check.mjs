// Runs every static check, all of them even when one fails, and ends with how many passed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const checks = [
  ['lock file', '.ci/check-lock.mjs'],
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['types follow from schemas', 'schemas/types.mjs', '--check'],
  ['reference of settings follows from its schema', 'schemas/config-reference.mjs', '--check'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  [
    'import layers and cycles',
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    'src',
    'workers',
    'bench',
    'datasets',
    'servers',
  ],
  ['dead files, exports and dependencies', 'node_modules/knip/bin/knip.js'],
];

let failed = 0;
for (const [name, ...parameters] of checks) {
  const { status } = spawnSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${name}`);
}
console.log(`check: ${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
