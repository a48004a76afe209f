import { describe, expect, it } from 'vitest';
import { fitCharacters, scoreCharacters } from '../../src/detect/character-model.js';
import { readCharacters, selectCharacters } from '../../src/encode/characters.js';
import { seededRandom } from '../../src/linear/index.js';
import { strings, tableOf } from '../encode/tables.js';

const rowsOf = (...columns: readonly (readonly (string | null)[])[]) =>
  readCharacters(
    columns.map((_, column) => `c${column}`),
    tableOf(Object.fromEntries(columns.map((cells, column) => [`c${column}`, strings([...cells])]))),
  );

/** Texts of words that are drawn from a list, the first ones more often. */
function textsOf(words: readonly string[], count: number, seed: string, space = ' '): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from(
      { length: 4 + Math.floor(8 * random()) },
      () => words[Math.floor(words.length * random() ** 2)] as string,
    ).join(space),
  );
}

const SYLLABLES = ['ka', 'to', 'mer', 'lin', 'so', 'ba', 'tre', 'und', 'ei', 'sch'];
const WORDS = SYLLABLES.flatMap((first) => SYLLABLES.map((second) => first + second));
const random = seededRandom('ideographs');
const ideograph = () => String.fromCharCode(0x4e00 + Math.floor(3000 * random() ** 2));
const IDEOGRAPHS = Array.from({ length: 2000 }, () => ideograph() + ideograph());

const apart = (count: number) => Int32Array.from({ length: count }, (_, row) => row);
const fitOn = (...columns: readonly (readonly (string | null)[])[]) => {
  const own = apart(columns[0]?.length ?? 0);
  return fitCharacters(rowsOf(...columns), own, own);
};
const scoreOf = (model: ReturnType<typeof fitOn>['model'], ...texts: string[]) => [
  ...scoreCharacters(model, rowsOf(texts)),
];

describe('how odd the order of characters is', () => {
  const texts = textsOf(WORDS, 300, 'trusted');
  const { model, raw } = fitOn(texts);

  it('is of a trusted text what it is by a model that has not seen it', () => {
    for (const row of [0, 7, 299]) {
      const rest = fitOn(texts.filter((_, other) => other !== row)).model;
      expect(scoreOf({ ...rest, means: model.means }, texts[row] as string)[0]).toBeCloseTo(raw[row] as number, 9);
    }
  });

  it('does not depend on how many copies of a text are trusted', () => {
    const rows = rowsOf([...texts, 'xqjvz wkqxj', 'xqjvz wkqxj', 'xqjvz wkqxj']);
    const copies = fitCharacters(rows, Int32Array.of(...apart(301), 300, 300), apart(301));
    const alone = fitOn([...texts, 'xqjvz wkqxj']);
    expect([...copies.raw.subarray(300)]).toEqual(new Array(3).fill(alone.raw[300]));
    expect(copies.raw[300]).toBeGreaterThan(Math.max(...alone.raw.subarray(0, 300)));
  });

  it('is not changed by scoring', () => {
    const before = model.counts.slice();
    expect(scoreOf(model, 'xqjvz wkqxj', 'katomer')).toEqual(scoreOf(model, 'xqjvz wkqxj', 'katomer'));
    expect(model.counts).toEqual(before);
  });

  it('is beyond all trusted ones for gibberish of some length, and far less for three letters', () => {
    const most = Math.max(...raw);
    const [long, half, short] = scoreOf(
      model,
      'wqx jvkz pfgq xxwq',
      'katomer linso batre toeika wqxjvkzpfg qwxq zzkvj jqpx',
      'mok',
    );
    expect(long).toBeGreaterThan(most);
    expect(half).toBeGreaterThan(most);
    expect(2 * (short as number)).toBeLessThan(long as number);
  });

  it('counts what is repeated once', () => {
    const [once, often] = scoreOf(model, 'katomer linso xyxy', `katomer linso ${'xy'.repeat(40)}`);
    expect(often).toBeLessThan(once as number);
  });

  it('does not mind case, digits and white space', () => {
    const dated = fitOn(texts.map((text) => `${text} 2019`)).model;
    const [plain, other] = scoreOf(dated, 'katomer linso 2019', ' KATOMER\n\t linso 8437 ');
    expect(other).toBe(plain);
  });

  it('is that of the worst column, each beside its own mean; of no text it is usual', () => {
    const odd = textsOf(['wqxj', 'vkzp', 'qqxw', 'zzjk'], 300, 'codes');
    const both = fitOn(texts, odd);
    const [usual, swapped, empty] = scoreCharacters(
      both.model,
      rowsOf(['katomer linso', 'katomer', null], ['wqxj vkzp', 'qxkv zwjp fgqh xjvk', '']),
    );
    expect(usual).toBeLessThan(2);
    expect(swapped).toBeGreaterThan(Math.max(...both.raw));
    expect(empty).toBe(0);
  });
});

describe.each([
  ['an alphabet', WORDS, ' '],
  ['thousands of ideographs', IDEOGRAPHS, ''],
])('%s', (_, words, space) => {
  it('makes new sound texts as odd as trusted ones', () => {
    const { model, raw } = fitOn(textsOf(words, 2000, 'trusted', space));
    const scores = scoreCharacters(model, rowsOf(textsOf(words, 2000, 'batch', space)));
    const sorted = raw.slice().sort();
    for (const share of [0.01, 0.05, 0.2, 0.5]) {
      const threshold = sorted[Math.floor((1 - share) * 2000)] as number;
      const above = scores.filter((score) => score > threshold).length / 2000;
      // Two samples of 2,000: four standard deviations.
      expect(Math.abs(above - share)).toBeLessThan(4 * Math.sqrt((2 * share * (1 - share)) / 2000));
    }
  });
});

it('are selected cell by cell', () => {
  const rows = rowsOf(['ab', null, 'cde'], ['x', 'yz', '']);
  expect(selectCharacters(rows, Int32Array.of(2, 0))).toEqual(rowsOf(['cde', 'ab'], ['', 'x']));
});
