import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = readFileSync('docs/store-layout.md', 'utf8');
const rows = [...text.matchAll(/^\| (`[^|]+`[^|]*) \| ([^|]+) \|/gm)].map(([, name = '', content = '']) => ({
  name,
  schemas: [...content.matchAll(/\]\(\.\.\/(schemas\/[^)]+)\)/g)].map(([, file = '']) => file),
}));
const ofVault = text.slice(text.indexOf('## The vault'), text.indexOf('### What keeps records'));

describe('docs/store-layout.md', () => {
  it('names the schema of every object of a vault that is JSON', () => {
    const records = rows.filter(({ name }) => /\.(json|sig)`/.test(name) && ofVault.includes(`| ${name} |`));
    expect(records.length).toBeGreaterThan(15);
    expect(records.filter(({ schemas }) => schemas.length === 0)).toEqual([]);
  });

  it('links schemas that there are', () => {
    const missing = rows.flatMap(({ schemas }) => schemas).filter((file) => !existsSync(file));
    expect(missing).toEqual([]);
  });
});
