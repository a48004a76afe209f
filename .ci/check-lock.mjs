// `npm ci` refuses a lock file that lacks the optional packages of other platforms. npm leaves them out without a word
// when it cannot fetch them (a release that is not yet whole) or writes the lock beside an installed tree.
import { readFile } from 'node:fs/promises';

const { packages } = JSON.parse(await readFile(new URL('../package-lock.json', import.meta.url), 'utf8'));
const remedy = 'Delete it and run `npm install --package-lock-only` where no node_modules is; pin what is not whole.';

function isLocked(dependent, name) {
  for (let folder = dependent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]?.version) return true;
    if (folder === '') return false;
  }
}

function fail(what) {
  console.error(`package-lock.json: ${what}. ${remedy}`);
  process.exitCode = 1;
}

for (const [path, { optionalDependencies = {}, resolved }] of Object.entries(packages)) {
  const missing = Object.keys(optionalDependencies).filter((name) => !isLocked(path, name));
  if (missing.length > 0) fail(`${path} lacks ${missing.join(', ')}`);
  if (resolved) fail(`${path} names the place it was fetched from`);
}
