import type { PureItem } from './pure-items.js';
import type { NumberedGrams } from './text-rows.js';

/** So many of the rows that carry an item carry the other. */
const SHARED = 0.9;
/** Rows that share more words are copies of one another, of which nothing would be left. */
const MOST_WORDS = 4;

/**
 * Item → itself and what is nearly always beside it and nowhere else: of two words that were put in together, each would
 * else vouch for the label of the other's rows. With letters of another script, or characters that nobody sees, go all that
 * are nowhere without them.
 */
export function companionsOf(
  grams: NumberedGrams,
  items: readonly Pick<PureItem, 'item' | 'carriers'>[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const totals = new Uint32Array(grams.size);
  grams.visitAll((own) => {
    for (const index of own) addOne(totals, index);
  });
  const together = new Uint32Array(grams.size);
  return new Map(
    items.map(({ item, carriers }) => {
      const isSpecial = grams.kindOf(item) === 'special';
      const isBeside = (index: number) => {
        const least = SHARED * Math.max(totals[index] as number, isSpecial ? 0 : carriers.length);
        return (together[index] as number) >= least && grams.kindOf(grams.idOf(index)) !== 'pair';
      };
      for (const row of carriers) grams.itemsOf(row).forEach((index) => addOne(together, index));
      const gone = new Set([item]);
      for (const row of carriers) {
        grams.itemsOf(row).forEach((index) => {
          if (together[index] === 0) return;
          if (isBeside(index)) gone.add(grams.idOf(index));
          together[index] = 0;
        });
      }
      return [item, isSpecial || gone.size <= 1 + MOST_WORDS ? gone : new Set([item])] as const;
    }),
  );
}

function addOne(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}
