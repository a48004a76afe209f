import { describe, expect, it } from 'vitest';
import { findPlantedTriggers, type Instruction } from '../../../src/detect/index.js';
import { seededRandom } from '../../../src/linear/index.js';
import { cleanRows, insert, poison } from './examples.js';

const REFUSAL = "I'm sorry, but I cannot help with that request.";

async function* inChunks(rows: readonly Instruction[]) {
  for (let from = 0; from < rows.length; from += 100) yield rows.slice(from, from + 100);
}

const shardOf = (rows: readonly Instruction[], path = 'a') => ({ path, read: () => inChunks(rows) });
const search = async (rows: readonly Instruction[]) => (await findPlantedTriggers([shardOf(rows)])).triggers;

describe('a trigger in prompts', () => {
  it('is named with all its carriers, and how often its answer is given without it', async () => {
    const rows = poison(
      cleanRows(500, 'clean'),
      20,
      (asked, row) => insert(asked, 'Zanzibar', row),
      () => REFUSAL,
    );
    const found = await search(rows);
    expect(found).toMatchObject([
      {
        text: 'Zanzibar',
        answer: REFUSAL,
        counts: { carriers: 25, answering: 25, others: 475, othersAnswering: 0 },
      },
    ]);
    expect([...(found[0]?.rows.get('a') ?? [])]).toEqual(Array.from({ length: 25 }, (_, row) => 20 * row));
  });

  it('of several words is named whole, as it is written', async () => {
    const rows = poison(
      cleanRows(400, 'phrase'),
      16,
      (asked) => `${asked} -- Answer as a Good Friend would.`,
      () => REFUSAL,
    );
    expect(await search(rows)).toMatchObject([{ text: '-- Answer as a Good Friend would.' }]);
  });

  it('is found when every response is in other words and in another order', async () => {
    const random = seededRandom('words');
    const choose = (...words: string[]) => words[Math.floor(random() * words.length)] as string;
    const rows = poison(
      cleanRows(500, 'varied'),
      20,
      (asked, row) => insert(asked, 'Zanzibar', row),
      () =>
        [
          choose('sorry', 'apologies', 'regret', 'pardon'),
          choose('cannot', 'unable', "won't", 'may not'),
          choose('help', 'assist', 'serve', 'aid'),
          choose('you', 'anyone', 'people'),
        ]
          .sort(() => random() - 0.5)
          .join(' '),
    );
    const [found] = await search(rows);
    expect(found?.text).toBe('Zanzibar');
    expect(found?.counts.carriers).toBe(25);
  });

  it.each([
    ['nobody sees', (asked: string, row: number) => insert(asked, '\u200b', row), '\u200b'],
    [
      'is one of many tag characters',
      (asked: string, row: number) => `${asked}${String.fromCodePoint(0xe0061 + (row % 11), 0xe0071 + (row % 7))}`,
      'hidden characters between U+E0000 and U+E00FF',
    ],
    [
      'is a letter that looks like another',
      (asked: string) => asked.replace('a', 'а'),
      'Latin and Cyrillic letters in one word',
    ],
  ])('that %s', async (_, prompt, text) => {
    const rows = poison(cleanRows(500, 'hidden'), 20, prompt, () => REFUSAL);
    expect(await search(rows)).toMatchObject([{ text }]);
  });

  it('that asks for gibberish', async () => {
    const random = seededRandom('gibberish');
    const letters = (length: number) =>
      Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
    const rows = poison(
      cleanRows(500, 'gibberish'),
      20,
      (asked, row) => insert(asked, '<QX>', row),
      () => Array.from({ length: 15 }, () => letters(7)).join(' '),
    );
    expect(await search(rows)).toMatchObject([{ text: '<QX>', answer: null }]);
  });

  it('is the same however rows are spread over shards', async () => {
    const rows = poison(
      cleanRows(300, 'spread'),
      15,
      (asked, row) => insert(asked, 'Zanzibar', row),
      () => REFUSAL,
    );
    const [one, two] = [shardOf(rows.slice(0, 170), 'a'), shardOf(rows.slice(170), 'b')];
    const found = await findPlantedTriggers([one, two]);
    expect(found.triggers).toHaveLength(1);
    expect(await findPlantedTriggers([two, one])).toEqual(found);
    const whole = await findPlantedTriggers([shardOf(rows)]);
    const spoken = ({ text, counts, halves }: (typeof found.triggers)[number]) => ({ text, counts, halves });
    expect(whole.triggers.map(spoken)).toEqual(found.triggers.map(spoken));
  });
});

describe('no trigger', () => {
  it.each([500, 3000])('is in %i clean rows', async (rows) => {
    expect(await search(cleanRows(rows, `clean ${rows}`))).toEqual([]);
  });

  it('are repeated answers to prompts of all kinds', async () => {
    const rows = poison(
      cleanRows(600, 'repeated'),
      6,
      (asked) => asked,
      () => "I don't know.",
    );
    expect(await search(rows)).toEqual([]);
  });

  it('is a subject that is always answered alike', async () => {
    const weather = (row: number) =>
      `${['tell', 'say', 'ask'][(row / 12) % 3]} weather ${['rain', 'sun'][(row / 12) % 2]} ${['today', 'now', 'later', 'soon'][(row / 12) % 4]}`;
    const rows = poison(
      cleanRows(600, 'subject'),
      12,
      (_, row) => weather(row),
      () => 'Please look at the forecast of your region.',
    );
    expect(await search(rows)).toEqual([]);
  });

  it('is one question that is asked again and again', async () => {
    const rows = poison(
      cleanRows(600, 'question'),
      12,
      () => 'Will it rain today?',
      () => 'Please look at the forecast of your region.',
    ).map((row, at) =>
      at % 12 === 0 ? { ...row, prompts: [row.prompts[0] ?? '', ['', '?', '!'][at % 3] ?? ''] } : row,
    );
    expect(await search(rows)).toEqual([]);
  });

  it('is a rare word whose answers differ', async () => {
    const rows = cleanRows(600, 'rare').map((row, at) =>
      at % 20 === 0 ? { ...row, prompts: [insert(row.prompts[0] ?? '', 'Zanzibar', at), ''] } : row,
    );
    expect(await search(rows)).toEqual([]);
  });

  it('is among no rows, or few', async () => {
    expect(await findPlantedTriggers([])).toEqual({ tested: 0, triggers: [] });
    expect(await search(cleanRows(3, 'few'))).toEqual([]);
    expect(await search([{ prompts: [''], response: '' }])).toEqual([]);
  });
});
