import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');
const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

const cellsOf = (line: string) =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
/** Rows that begin with a letter of STRIDE. */
const threats = text
  .split('\n')
  .filter((line) => /^\| [STRIDE] \|/.test(line))
  .map(cellsOf);

describe('the threat model', () => {
  it('has threats of every kind', () => {
    expect(threats.length).toBeGreaterThan(20);
    expect(new Set(threats.map(([kind]) => kind))).toEqual(new Set('STRIDE'));
  });

  it.each(threats.map((cells) => [cells[2] ?? '', cells.at(-1) ?? '']))(
    'names files of tests that are there: %s',
    (_, shownBy) => {
      const named = [...shownBy.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      expect(named).not.toEqual([]);
      for (const name of named) {
        const script = /^npm run ([\w:-]+)$/.exec(name)?.[1];
        if (script !== undefined) expect(scripts).toHaveProperty([script]);
        else {
          expect(name).toMatch(/^test\/.+\.test\.ts$/);
          expect(existsSync(join(root, name)), name).toBe(true);
        }
      }
    },
  );

  it('has threats to each part of the service', () => {
    const assets = threats.map(([, asset = '']) => asset).join();
    for (const part of ['events', 'incoming', 'released', 'quarantine', 'queue', 'review', 'notices', 'status list'])
      expect(assets).toContain(part);
  });

  it('answers or names as open each requirement of AISVS 1.0, C1', () => {
    const numbers = text.split('\n').flatMap((line) => /^\| (1\.\d\.\d) \|/.exec(line)?.[1] ?? []);
    const sections = [5, 3, 5].flatMap((count, index) =>
      Array.from({ length: count }, (_, one) => `1.${index + 1}.${one + 1}`),
    );
    expect(numbers).toEqual(sections);
  });

  it('links to pages that are there', () => {
    for (const [, page = ''] of text.matchAll(/\]\(([^)#]+)/g)) {
      if (!page.startsWith('http')) expect(existsSync(join(root, 'docs', page)), page).toBe(true);
    }
  });

  it('names kinds of finding that there are', () => {
    const kinds = readFileSync(join(root, 'schemas/decision.schema.json'), 'utf8');
    for (const kind of ['label-flip', 'outlier', 'duplicate-flood', 'trigger', 'slow-drip', 'spectral', 'drift']) {
      if (text.includes(kind)) expect(kinds, kind).toContain(`"${kind}"`);
    }
  });
});
