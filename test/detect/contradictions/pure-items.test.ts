import { describe, expect, it } from 'vitest';
import { findPure, type NumberedItems } from '../../../src/detect/contradictions/pure-items.js';
import { seededRandom } from '../../../src/linear/index.js';

const ITEMS = 300;
const ROWS = 2000;
const CLASSES = 4;

describe('items that nearly only rows of one class have', () => {
  it.each([0.8, 0.85, 0.9])('are those of which so large a share has one label: %s', (share) => {
    const random = seededRandom(`pure ${share}`);
    const pick = (below: number) => Math.floor(random() * below);
    // One row in twenty has no class.
    const labels = Int32Array.from({ length: ROWS }, () => (pick(20) === 0 ? -1 : pick(CLASSES)));
    const carried = Array.from({ length: ITEMS }, (_, item) => {
      const purity = 0.7 + 0.3 * random();
      const isOwn = (row: number) => labels[row] === item % CLASSES;
      return new Set([...labels.keys()].filter((row) => random() < 0.03 * (isOwn(row) ? purity : (1 - purity) / 3)));
    });
    const items: NumberedItems = {
      size: ITEMS,
      idOf: (index) => index + 1000,
      visitAll: (visit) => {
        for (const row of labels.keys()) {
          visit(Uint32Array.from(carried.flatMap((rows, item) => (rows.has(row) ? [item] : []))), row);
        }
      },
    };
    const pure = findPure(items, labels, CLASSES, { leastRows: 8, share, mostChance: 1 });
    const expected = carried.flatMap((rows, item) => {
      const carriers = [...rows].filter((row) => (labels[row] as number) >= 0);
      const own = carriers.filter((row) => labels[row] === item % CLASSES);
      return carriers.length >= 8 && own.length >= share * carriers.length
        ? [{ item: item + 1000, carriers, own }]
        : [];
    });
    expect(expected.length).toBeGreaterThan(20);
    expect(expected.some(({ own, carriers }) => own.length === share * carriers.length)).toBe(true);
    const found = pure.map(({ item, carriers, own }) => ({ item, carriers: [...carriers], own: [...own] }));
    expect(found.sort((a, b) => a.item - b.item)).toEqual(expected);
  });
});
