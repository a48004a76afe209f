import { beforeAll, describe, expect, it } from 'vitest';
import { groupCopies } from '../../src/baseline/copies.js';
import {
  assignRoles,
  encodeRows,
  fitEncoder,
  fitSigner,
  rowDigests,
  type Signatures,
  signaturesPerRow,
  signRows,
} from '../../src/encode/index.js';
import { normals, seededRandom, startBackend } from '../../src/linear/index.js';
import { pickRows, type Sampler, textAndNumberRows, textRows, vectorRows } from '../detect/populations.js';
import { lists, strings, tableOf } from './tables.js';

const TRUSTED = 300;

beforeAll(async () => {
  await startBackend('wasm');
});

function signersOf(sample: Sampler) {
  const { table } = sample(TRUSTED, 'trusted');
  const columns = assignRoles(table, { ids: [] }, 'trusted');
  const names = columns.map(({ name }) => name);
  const { distinct } = groupCopies(rowDigests(table, names));
  const encoder = fitEncoder(table, columns, distinct, 'seed');
  const signer = fitSigner(names, encoder, table, encodeRows(encoder, table), distinct);
  return { signer, sign: (rows: typeof table) => signRows(signer, encoder, rows, encodeRows(encoder, rows)) };
}

const rowOf = ({ perRow, values }: Signatures, row: number) => [...values.subarray(row * perRow, (row + 1) * perRow)];

function shared(signatures: Signatures, a: number, b: number): number {
  const own = new Set(rowOf(signatures, a));
  return rowOf(signatures, b).filter((signature) => own.has(signature)).length;
}

const images: Sampler = (rows, seed) => {
  const random = seededRandom(seed);
  const cells = Array.from({ length: rows }, () => [...normals(random, 64)]);
  return { labels: new Int32Array(rows), table: tableOf({ image: lists(cells) }) };
};

describe.each([
  ['text', textRows],
  ['vectors', vectorRows],
  ['text and numbers', textAndNumberRows],
] as const)('signatures of %s', (_, sample) => {
  it('are whole numbers that do not depend on the company', () => {
    const { signer, sign } = signersOf(sample);
    const fresh = sample(40, 'fresh');
    const all = sign(fresh.table);
    expect(all.perRow).toBe(signaturesPerRow(signer));
    expect(all.values.every((value) => Number.isSafeInteger(value) && value >= 0 && value < 2 ** 52)).toBe(true);
    const order = [7, 3, 3, 39];
    const some = sign(pickRows(fresh, order).table);
    order.forEach((row, at) => expect(rowOf(some, at)).toEqual(rowOf(all, row)));
  });
});

describe('near copies', () => {
  it('of a text share signatures when one word is left out, and other texts do not', () => {
    const { sign } = signersOf(textRows);
    const words = 'the striker of this team said after a long season that fans want the old stadium back'.split(' ');
    const copies = words.map((_, left) => words.filter((__, at) => at !== left).join(' '));
    const signed = sign(tableOf({ text: strings([words.join(' '), ...copies, 'bank shares fell by a tenth today']) }));
    const near = copies.filter((_, at) => shared(signed, 0, at + 1) >= 2);
    expect(near.length).toBeGreaterThan(0.9 * copies.length);
    expect(shared(signed, 0, copies.length + 1)).toBe(0);
  });

  it('of vectors share signatures when there is noise in them, and other vectors do not', () => {
    const { sign } = signersOf(images);
    const random = seededRandom('noise');
    const seen = [...normals(random, 64)];
    const copies = Array.from({ length: 50 }, () => seen.map((value) => value + 0.01 * (random() - 0.5)));
    const others = Array.from({ length: 50 }, () => [...normals(random, 64)]);
    const signed = sign(tableOf({ image: lists([seen, ...copies, ...others]) }));
    expect(copies.every((_, at) => shared(signed, 0, at + 1) >= 2)).toBe(true);
    expect(others.some((_, at) => shared(signed, 0, at + 51) > 0)).toBe(false);
  });
});
