import { beforeAll, describe, expect, it } from 'vitest';
import { groupCopies } from '../../src/baseline/copies.js';
import { testItems } from '../../src/decide/items.js';
import { countItems } from '../../src/detect/index.js';
import { assignRoles, encodeRows, fitEncoder, fitSigner, rowDigests, signRows } from '../../src/encode/index.js';
import { type Random, seededRandom, startBackend } from '../../src/linear/index.js';
import { strings, tableOf } from '../encode/tables.js';

const LEVEL = 0.005;
const TOLERANCE = 0.005;
const TRUSTED = 400;
const BATCH = 800;
const VOCABULARY = 3000;

beforeAll(async () => {
  await startBackend('wasm');
});

/** Words as frequent as one over their rank. */
function sentence(random: Random, words: number): string {
  return Array.from({ length: words }, () => `w${Math.floor(VOCABULARY ** random())}`).join(' ');
}

/** From a word to a few. */
function shortTexts(random: Random, rows: number, most: number): string[] {
  return Array.from({ length: rows }, () => sentence(random, 1 + Math.floor(most * random())));
}

async function floodsIn(batch: readonly string[], trusted: readonly string[]) {
  const table = tableOf({ text: strings([...trusted]) });
  const columns = assignRoles(table, { ids: [] }, 'trusted');
  const { distinct } = groupCopies(rowDigests(table, ['text']));
  const encoder = fitEncoder(table, columns, distinct, 'seed');
  const signer = fitSigner(['text'], encoder, table, encodeRows(encoder, table), distinct);
  const signed = (texts: readonly string[]) => {
    const rows = tableOf({ text: strings([...texts]) });
    const signatures = signRows(signer, encoder, rows, encodeRows(encoder, rows));
    return { signatures, labels: new Int32Array(texts.length) };
  };
  const rows = { ...signed(batch), sourceOf: new Int32Array(batch.length).fill(-1), detectors: [] };
  const shard = { path: 'a', rows: batch.length, sources: [], readSigned: async () => rows, read: async () => rows };
  const counts = await countItems([shard], signed(trusted), LEVEL);
  return testItems([{ kind: 'duplicate-flood', counts }], LEVEL, TOLERANCE).rejected.map(({ item }) => item.rows);
}

describe('near copies', () => {
  it.each([
    ['kind regards', 0.3, 20],
    ['sent from my phone', 0.3, 20],
    ['sent from my phone', 0.6, 20],
    ['please excuse typing errors sent from my phone', 0.3, 20],
    ['please excuse typing errors sent from my phone', 0.6, 16],
  ])('are not rows that have but a footer in common: %s, %d of rows of up to %d words', async (footer, share, most) => {
    const random = seededRandom('footer');
    const trusted = shortTexts(random, TRUSTED, most);
    const batch = shortTexts(random, BATCH, most).map((text) => (random() < share ? `${text} ${footer}` : text));
    expect(await floodsIn(batch, trusted)).toEqual([]);
  });

  it.each([10, 16])('are rows of %d words with another word each', async (words) => {
    const random = seededRandom('flood');
    const trusted = shortTexts(random, TRUSTED, 20);
    const copied = sentence(random, words).split(' ');
    const copies = Array.from({ length: 40 }, () =>
      copied.with(Math.floor(words * random()), sentence(random, 1)).join(' '),
    );
    const floods = await floodsIn([...shortTexts(random, BATCH, 20), ...copies], trusted);
    expect(floods).toHaveLength(1);
    expect(floods[0]).toBeGreaterThan(25);
  });

  it('are found beside a footer', async () => {
    const random = seededRandom('both');
    const trusted = shortTexts(random, TRUSTED, 20);
    const footed = shortTexts(random, BATCH, 20).map((text) => (random() < 0.3 ? `${text} sent from my phone` : text));
    const copy = sentence(random, 12);
    expect(await floodsIn([...footed, ...Array.from({ length: 30 }, () => copy)], trusted)).toEqual([30]);
  });
});
