import { Field, FixedSizeList, Float32, Table, Uint8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { readImages } from '../../src/encode/row-images.js';

function listsOf(rows: readonly (readonly number[] | null)[], size: number, item: Uint8 | Float32 = new Uint8()) {
  return vectorFromArray(rows, new FixedSizeList(size, new Field('item', item, true)));
}

const roles = (names: readonly string[]) =>
  names.map((name) => ({ name, role: 'image' as const, type: '', guessed: true }));

const count = (length: number) => Array.from({ length }, (_, at) => at);

describe('readImages', () => {
  it('takes k² bytes for grey and 3·k² for red, green and blue', () => {
    const table = new Table({
      grey: listsOf([count(9), count(9).reverse()], 9),
      colour: listsOf([count(12), null], 12),
    });
    const images = readImages(table, 0, roles(['grey', 'colour']));
    expect(images.get('grey')).toEqual({ width: 3, height: 3, channels: 1, pixels: Uint8Array.from(count(9)) });
    expect(images.get('colour')).toEqual({ width: 2, height: 2, channels: 3, pixels: Uint8Array.from(count(12)) });
    expect([...readImages(table, 1, roles(['grey', 'colour'])).keys()]).toEqual(['grey']);
    expect(readImages(table, 1, roles(['grey'])).get('grey')?.pixels[0]).toBe(8);
  });

  it('makes no picture of other lengths, other numbers, other roles or what is not there', () => {
    const table = new Table({ odd: listsOf([count(10)], 10), real: listsOf([count(4)], 4, new Float32()) });
    expect(readImages(table, 0, roles(['odd', 'real', 'absent'])).size).toBe(0);
    expect(readImages(table, 0, [{ name: 'odd', role: 'embedding', type: '', guessed: true }]).size).toBe(0);
  });
});
