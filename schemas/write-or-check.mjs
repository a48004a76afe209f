import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Writes what follows from schemas; with --check, fails when the file there is stale, and names the npm script that writes it. */
export async function writeOrCheck(target, content, script) {
  if (!process.argv.includes('--check')) {
    await writeFile(target, content);
  } else if ((await readFile(target, 'utf8').catch(() => '')) !== content) {
    const root = fileURLToPath(new URL('..', import.meta.url));
    console.error(`${relative(root, fileURLToPath(target))} does not follow from schemas/: run \`npm run ${script}\`.`);
    process.exitCode = 1;
  }
}
