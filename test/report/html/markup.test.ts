import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, clipPath, html } from '../../../src/report/html/markup.js';

describe('html', () => {
  it('escapes what is put in, once, and leaves its own text alone', () => {
    const inner = html`<b>${'<&>"\'`'}</b>`;
    expect(`${html`<p title="${'"x"'}">${[inner, 3, null]}</p>`}`).toBe(
      '<p title="&quot;x&quot;"><b>&lt;&amp;&gt;&quot;&#39;&#96;</b>3</p>',
    );
  });

  it('shows what would hide or reorder text', () => {
    expect(`${html`${'a\u202eb\u001b[2J\r\n'}`}`).toBe('a\\u{202e}b\\u{1b}[2J\\u{d}\\u{a}');
  });

  it('lets no text open a tag or end an attribute', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"'`]/.test(`${html`${text}`}`)));
  });
});

describe('clip', () => {
  it('keeps whole characters and says that something is gone', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdefg', 6)).toBe('abcde…');
    expect(clip('😀😀😀', 2)).toBe('😀…');
    expect(clipPath('a/long/path.csv', 9)).toBe('…path.csv');
    expect(clipPath('😀😀😀', 2)).toBe('…😀');
  });
});
