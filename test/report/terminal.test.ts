import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderTerminal } from '../../src/report/index.js';
import { safeText } from '../../src/safe-text.js';
import {
  badSource,
  EVIL,
  hostile,
  manyShards,
  observed,
  outcomeOf,
  outcomes,
  released,
  shardNames,
  twoBadShards,
  unreadableShard,
} from './outcomes.js';

const plain = { color: false, width: 80 };

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Columns that a line takes on a terminal: East Asian characters take two. */
function columnsOf(line: string): number {
  return [...stripVTControlCharacters(line)].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

/** No control, format, surrogate, private, separator character except line feeds. */
const unsafe = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

describe.each(outcomes)('the terminal report on %s', (_, outcome) => {
  it.each([60, 80, 79, 120])('keeps every line within %i columns', (width) => {
    for (const color of [false, true]) {
      const lines = renderTerminal(outcome, { color, width }).split('\n');
      expect(lines.filter((line) => columnsOf(line) > width)).toEqual([]);
    }
  });

  it('shows nothing that could drive the terminal', () => {
    expect(renderTerminal(outcome, plain)).not.toMatch(unsafe);
    expect(stripVTControlCharacters(renderTerminal(outcome, { ...plain, color: true }))).toBe(
      renderTerminal(outcome, plain),
    );
  });
});

describe('the terminal report', () => {
  it('begins with the verdict in plain words', () => {
    const firstLine = (outcome: typeof released) => renderTerminal(outcome, plain).split('\n')[0];
    expect(firstLine(released)).toBe('RELEASED  All 8 shards of "batch" may go into training.');
    expect(firstLine(twoBadShards)).toBe(
      'QUARANTINED  2 of 12 shards of "batch" are held back; the other 10 are released.',
    );
    expect(firstLine(badSource)).toBe(
      'QUARANTINED  6 of 6 shards of "batch" are held back; none may go into training.',
    );
    expect(renderTerminal(observed, plain)).toMatch(
      /^RELEASED, THOUGH SUSPECT .*\n?.*would hold 1; the policy says observe\./,
    );
  });

  it('names what was found with its p-value, excess and references', () => {
    const text = renderTerminal(twoBadShards, plain);
    expect(text).toContain('Shard shard-003.csv: labels look wrong (label-flip)');
    expect(text).toContain('p = 3.1e-12.');
    expect(text).toMatch(/See for label-flip: AML.T0020, LLM04:2025/);
    expect(text).toMatch(/shard-007\.csv +50 +held +3\.1e-12 +3\.1e-12 +outlier/);
    expect(text).toMatch(/shard-008\.csv +50 +released/);
    expect(renderTerminal(badSource, plain)).toMatch(/station 5 +38 +condemned/);
    expect(renderTerminal(unreadableShard, plain)).toMatch(/shard-001\.csv +- +held +- +- +integrity/);
  });

  it('shows the worst rows with values, the guesses, the notes and what would have escaped', () => {
    const text = renderTerminal(released, plain);
    expect(text).toContain('  1. shard-000.csv, row 49   suspicion 1.0000  suspect');
    expect(text).toContain(' 10. shard-000.csv, row 40');
    expect(text).toContain('weather=sun  temp_max=12.8  precipitation=10.9');
    expect(text).toMatch(/label +guessed +weather/);
    expect(text).toMatch(/source +given +station/);
    expect(text).toContain('- Triggers, duplicate floods');
    expect(text).toMatch(/label-flip +43 rows \(11 %\)/);
    expect(text).toMatch(/outlier +no number of rows/);
    expect(text.replace(/\s+/g, ' ')).toContain('%) with a word, value or patch that no trusted row has');
    expect(text).toMatch(/trigger +30 rows/);
  });

  it('keeps 10,000 shards and 60 findings readable', () => {
    const lines = renderTerminal(manyShards, plain).split('\n');
    expect(lines.length).toBeLessThan(150);
    expect(lines.filter((line) => / held +3/.test(line))).toHaveLength(20);
    expect(lines).toContain('  and 40 more shards like these, 9,940 shards released');
    expect(lines).toContain('  and 50 more findings');
    expect(renderTerminal(outcomeOf(shardNames(21)), plain)).toContain('Shards\n  21 shards released');
  });

  it('says where the files are, or how to get them', () => {
    expect(renderTerminal(released, plain)).toContain('Add --out DIR');
    expect(renderTerminal(released, { ...plain, folder: 'out/today' })).toContain('Written to out/today:');
  });

  it('tells a deceptive shard name by its escapes', () => {
    expect(renderTerminal(hostile, { ...plain, width: 200 })).toContain(
      '\\u{1b}[2J\\u{9b}31m\\u{202e}\\u{200b}\\u{2066}gpj.exe\\u{d}\\u{a}',
    );
  });
});

describe('safeText', () => {
  it('leaves ordinary text of any script alone', () => {
    for (const text of ['shard-1.csv', 'été', 'Ω ≈ 3', '日本語', 'עברית', 'C:\\data\\x'])
      expect(safeText(text)).toBe(text);
  });

  it('shows each dangerous character as its code point', () => {
    expect(safeText('\u001b[31m')).toBe('\\u{1b}[31m');
    expect(safeText('a\r\nb\tc\u007f')).toBe('a\\u{d}\\u{a}b\\u{9}c\\u{7f}');
    expect(safeText('\u202e\u2067\u061c')).toBe('\\u{202e}\\u{2067}\\u{61c}');
    expect(safeText('\u200b\ufeff\u00ad\u3164\ufe0f')).toBe('\\u{200b}\\u{feff}\\u{ad}\\u{3164}\\u{fe0f}');
    expect(safeText('\u2028\ud800\ue000\u{e0041}')).toBe('\\u{2028}\\u{d800}\\u{e000}\\u{e0041}');
    expect(safeText(EVIL)).not.toMatch(unsafe);
  });

  it('can be read back: no two texts look the same', () => {
    const readBack = (text: string) =>
      text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
    expect(readBack(safeText('\\u{1b}'))).toBe('\\u{1b}');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => readBack(safeText(text)) === text && !unsafe.test(safeText(text)),
      ),
    );
  });
});
