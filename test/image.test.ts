import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const IMAGE_MS = 1_200_000;
const script = fileURLToPath(new URL('../.ci/image.mjs', import.meta.url));

it(
  'the image holds what Taster needs, and runs as a user who may write nothing but a temporary folder',
  () => {
    const said = execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: 'pipe' });
    expect(said).toMatch(/taster \S+ works from its image's files/);
  },
  IMAGE_MS,
);
