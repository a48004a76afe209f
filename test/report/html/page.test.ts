import { describe, expect, it } from 'vitest';
import type { FindingKind } from '../../../src/decide/types.js';
import { redactOutcome, reportHtml, type ScanOutcome } from '../../../src/report/index.js';
import { kinds } from '../../../src/report/kinds.js';
import { badSource, EVIL, hostile, manyShards, observed, outcomes, released, twoBadShards } from '../outcomes.js';
import { illustrated, picture, wide } from './pictures.js';

const MEGABYTE = 1e6;
const INJECTION = '"\'><img src=x onerror=alert(1)></script></style><script>alert(1)</script><!--';
/** No control, format, surrogate, private, separator character except line feeds. */
const unsafe = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** What a reader sees, without markup. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<');
}

const all: readonly (readonly [string, ScanOutcome])[] = [
  ...outcomes,
  ['pictures of everything', illustrated],
  ['thousands of columns', wide],
];

describe.each(all)('the page on %s', (_, outcome) => {
  const page = reportHtml(outcome);

  it('is small, the same each time, and free of hidden characters', () => {
    expect(page.length).toBeLessThan(MEGABYTE);
    expect(reportHtml(outcome)).toBe(page);
    expect(page).not.toMatch(unsafe);
  });

  it('has no script, no handler, no inline style and nothing to fetch', () => {
    const tags = [...page.matchAll(/<([a-z!][^\s>]*)([^>]*)>/gi)].map(([, name, rest]) => [name, rest ?? ''] as const);
    expect(tags.filter(([name]) => /^(script|link|iframe|object|embed|base|form)$/i.test(name ?? ''))).toEqual([]);
    expect(tags.filter(([, rest]) => /\s(on\w+|style)\s*=/i.test(rest.replace(/"[^"]*"/g, '""')))).toEqual([]);
    const targets = [...page.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !/^(#|data:image\/png;base64,)/.test(target ?? ''))).toEqual([]);
    expect(page).toContain("default-src 'none'; style-src 'sha256-");
  });
});

describe('the page', () => {
  it('says the verdict and what to do in plain words', () => {
    const heading = (outcome: ScanOutcome) => textOf(/<h1>(.*?)<\/h1>/s.exec(reportHtml(outcome))?.[1] ?? '');
    expect(heading(released)).toBe('All 8 shards of batch “batch” may go into training.');
    expect(heading(twoBadShards)).toBe(
      '2 of 12 shards of batch “batch” are held back; the other 10 may go into training.',
    );
    expect(heading(badSource)).toBe('Do not train on batch “batch”: all its 6 shards are held back.');
    expect(heading(observed)).toContain('1 of 2 shards of batch “batch” would be held in enforce mode');
    expect(textOf(reportHtml(released))).toContain('Training may start.');
    expect(textOf(reportHtml(badSource))).toContain(
      'source &quot;station 5&quot;, in all 6 shards (about 12 of 50 rows)',
    );
  });

  it('tells each finding: where, how many, how sure, and what it is', () => {
    const text = textOf(reportHtml(twoBadShards));
    expect(text).toContain('Shard shard-003.csv');
    expect(text).toContain('shard shard-003.csv (about 12 of 50 rows)');
    expect(text).toContain('Chance alone: less than once in a million (p = 3.1e-12)');
    expect(text).toContain('The attack is described in AML.T0020, LLM04:2025.');
    expect(textOf(reportHtml(released))).toContain('Nothing: no shard, source or label');
  });

  it('shows the worst of 10,000 shards and says how many more', () => {
    const page = reportHtml(manyShards);
    const text = textOf(page);
    expect(text).toContain('60 shards held; the 25 of least p');
    expect(text).toContain('and 35 more held');
    expect(text).toContain('9,940 shards released');
    expect(text).toContain('and 48 more findings like these');
    expect(page.match(/<svg class="strip".*?<\/svg>/s)?.[0].match(/<g /g)).toHaveLength(120);
  });

  it('sets rows beside trusted ones, marks what differs, draws images', () => {
    const page = reportHtml(illustrated);
    expect(page).toMatch(
      /<bdi>temp_max<\/bdi><\/th><td [^>]*>12.8<\/td><td class="differs"[^>]*>30.1<\/td><td dir="auto"[^>]*>12.9</,
    );
    expect(textOf(page)).toContain('trusted row labelled rain, which it looks like');
    expect(page).not.toMatch(/<bdi>precipitation<\/bdi><\/th>(<td [^>]*>[^<]*<\/td>)*<td class="differs"/);
    expect(page.match(/src="data:image\/png;base64,iVBOR/g)).toHaveLength(21);
  });

  it('says of what the least number is, where there is one', () => {
    const words = 'trigger: rows with a word, value or patch that no trusted row has';
    expect(textOf(reportHtml(released))).toContain(words);
    const decision = { ...released.decision, minimumDetectable: [{ kind: 'trigger', rows: null }] as const };
    expect(textOf(reportHtml({ ...released, decision }))).not.toContain(words);
  });

  it('marks no number that is about the same', () => {
    const alike = new Set(['temp_max']);
    const rows = illustrated.worstRows.map((row) => ({
      ...row,
      neighbour: row.neighbour && { ...row.neighbour, alike },
      lookalike: null,
    }));
    expect(reportHtml({ ...illustrated, worstRows: rows })).not.toContain('class="differs"');
  });

  it('writes scores below the axis that say where they stand', () => {
    const [, axis = ''] = /scores by label-flip(.*?)<\/svg>/s.exec(reportHtml(illustrated)) ?? [];
    const places = [...axis.matchAll(/<text x="([\d.]+)"[^>]*>(0\.\d+)</g)].map(([, x, score]) => [
      Number(score),
      Number(x),
    ]);
    expect(places.map(([score]) => score).sort()).toEqual(
      [0.01, 0.1, 0.5, 0.9, 0.99, 0.9999].filter((s) => s < 0.9997),
    );
    const sorted = [...places].sort(([a = 0], [b = 0]) => a - b);
    expect(sorted.map(([, x]) => x)).toEqual([...sorted.map(([, x]) => x)].sort((a = 0, b = 0) => a - b));
    expect(textOf(reportHtml(illustrated))).toMatch(/% of the batch&#39;s rows score as badly as the worst/);
  });

  it('says what to do with figures, and how', () => {
    const page = reportHtml(twoBadShards);
    const text = textOf(page);
    expect(text).toContain('Train on the released shards only, or wait until the 2 held ones are settled.');
    expect(text).toContain('Correct or take out the 24 rows that rows.arrow marks in its column withhold');
    expect(text).toContain('the other 76 rows of these shards can be saved');
    expect(text).toContain('taster scan batch --baseline trusted --split parts');
    expect(page).toContain('Read the <a href="#rows">worst rows</a>: are their labels wrong?');
    expect(textOf(reportHtml({ ...twoBadShards, withheldRows: 100 }))).toContain('leave out all 100');
    expect(textOf(reportHtml(released))).not.toContain('take out');
    const itself = { ...released, baseline: { ...released.baseline, provisional: true } };
    expect(textOf(reportHtml(itself))).toContain('Give rows you trust (--baseline)');
  });

  it('explains every kind of finding', () => {
    for (const kind of Object.keys(kinds) as FindingKind[]) {
      const findings = twoBadShards.decision.findings.map((finding) => ({ ...finding, kind }));
      const text = textOf(reportHtml({ ...twoBadShards, decision: { ...twoBadShards.decision, findings } }));
      expect(text).toContain(kinds[kind].means('your trusted data').slice(0, 30));
      expect(text).toContain(kinds[kind].look.slice(0, 12));
    }
  });

  it('sets many findings of a kind in a table, and shows the copies of one row as one story', () => {
    const table = /<table class="stacked">.*?<\/table>/s.exec(reportHtml(manyShards))?.[0] ?? '';
    expect(table.match(/<tr><th scope="row">/g)).toHaveLength(12);
    expect(textOf(table)).toContain('12 of 50 (8 to 17)');
    const [first] = twoBadShards.decision.findings;
    const flood = { ...first!, kind: 'duplicate-flood', scope: 'item', id: 'duplicate-flood/item/copies' } as const;
    const worstRows = illustrated.worstRows.map((row) => ({
      ...row,
      reason: `one of 28 copies (p = 0.1; ${flood.id})`,
    }));
    const page = reportHtml({ ...illustrated, worstRows, decision: { ...illustrated.decision, findings: [flood] } });
    expect(page.match(/<details class="card"/g)).toHaveLength(1);
    expect(textOf(page)).toContain('row 49: one of 28 copies');
    expect(textOf(page)).toContain('9 more rows of the same among the worst');
  });

  it('says why something is missing', () => {
    const text = textOf(reportHtml(twoBadShards));
    expect(text).toContain('No pictures: this run kept no sample of the scores to draw.');
    expect(text).toContain('This run looked up no trusted rows');
    const built = { ...twoBadShards, baseline: { ...twoBadShards.baseline, artefact: 'a'.repeat(64) } };
    expect(textOf(reportHtml(built))).toContain('the built baseline holds none (taster baseline build --exemplars');
    expect(textOf(reportHtml({ ...released, picture: { ...picture, map: null } }))).toContain('No map of the rows');
    const itself = { ...twoBadShards, baseline: { ...twoBadShards.baseline, provisional: true } };
    expect(textOf(reportHtml(itself))).toContain('without trusted rows (--baseline) there is nothing to draw');
    expect(textOf(reportHtml(itself))).toContain(
      'Without trusted rows (--baseline) there are none to set beside them.',
    );
    const unread = released.worstRows.map((row) => ({ ...row, values: new Map() }));
    expect(textOf(reportHtml({ ...released, worstRows: unread }))).toContain('No values: its shard has none');
  });

  it('shows hostile names and values by their escapes only', () => {
    const page = reportHtml(hostile);
    expect(page).toContain('\\u{1b}[2J\\u{9b}31m\\u{202e}');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script');
    expect(page).toContain('__proto__');
    expect(page).not.toContain(EVIL);
  });

  it('takes markup in every place that data reach as text', () => {
    const poison = <T>(value: T): T => {
      if (typeof value === 'string') return (/^[a-f0-9]{64}$/.test(value) ? value : INJECTION) as T;
      if (value instanceof Uint8Array || value instanceof Float64Array) return value;
      if (value instanceof Map) return new Map([...value].map(([key, item]) => [INJECTION, poison(item ?? key)])) as T;
      if (Array.isArray(value)) return value.map(poison) as T;
      if (typeof value !== 'object' || value === null) return value;
      const kept = new Set(['kind', 'scope', 'verdict', 'mode', 'role', 'family']);
      return Object.fromEntries(Object.entries(value).map(([k, item]) => [k, kept.has(k) ? item : poison(item)])) as T;
    };
    const page = reportHtml(poison({ ...illustrated, marks: [] }));
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toMatch(/<img src=x|<script|<!--|<\/style>.*<\/style>/s);
  });

  it('leaves every value of a row out when redacted, and says so', () => {
    const secret = new Map([['weather', 'SECRET']]);
    const rows = illustrated.worstRows.map((row) => ({ ...row, values: secret }));
    const page = reportHtml(redactOutcome({ ...illustrated, worstRows: rows }));
    expect(page).not.toContain('SECRET');
    expect(page).not.toContain('data:image/png');
    expect(page).not.toContain('>30.1<');
    expect(page).not.toContain('labelled sun');
    expect(textOf(page)).toContain('as --redact asked');
  });
});
