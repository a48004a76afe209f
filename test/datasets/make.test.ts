import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDigits } from '../../datasets/make-digits.js';
import { makeWeather } from '../../datasets/make-weather.js';

test.each([
  ['seattle-weather', makeWeather],
  ['digits', makeDigits],
])('the committed %s corpus is what its script makes', async (corpus, make) => {
  const folder = await mkdtemp(join(tmpdir(), 'taster-datasets-'));
  try {
    await make(folder);
    const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect(names).toHaveLength(10);
    for (const name of names) {
      const [made, committed] = await Promise.all([
        readFile(join(folder, name)),
        readFile(join('datasets', corpus, name)),
      ]);
      expect(made.equals(committed), name).toBe(true);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
