import { Float32, type Table } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { assignRoles, encodeRows, fitEncoder, indexRows } from '../../src/encode/index.js';
import { fitLandmarks, projectOnLandmarks } from '../../src/encode/landmarks.js';
import { similarityMatrix } from '../../src/encode/similarity.js';
import { encodeText, fitText } from '../../src/encode/text.js';
import { normals, seededRandom, selectRows, startBackend } from '../../src/linear/index.js';
import { everyRow, lists, numbers, strings, tableOf } from './tables.js';

const ROWS = 80;
const WORDS = 'amber birch cedar delta ember fjord grove heron inlet jetty knoll larch marsh north orbit pines'.split(
  ' ',
);

function sentences(count: number, seed: string): string[] {
  const random = seededRandom(seed);
  const word = () => WORDS[Math.floor(random() * WORDS.length)]!;
  return Array.from({ length: count }, (_, row) => `${row} ${word()} ${word()} ${word()} ${word()}`);
}

function columnsOf(seed: string, rows = ROWS) {
  const random = normals(seededRandom(seed), rows * 4);
  return {
    size: numbers(Array.from({ length: rows }, (_, row) => (row % 9 === 4 ? null : random[row]!))),
    colour: strings(Array.from({ length: rows }, (_, row) => ['red', 'blue', null][row % 3]!)),
    note: strings(sentences(rows, seed)),
    vector: lists(
      Array.from({ length: rows }, (_, row) => [...random.subarray(rows + row * 3, rows + row * 3 + 3)]),
      new Float32(),
    ),
  };
}

function fitted(trusted: Table) {
  return fitEncoder(trusted, assignRoles(trusted, { ids: [] }, 'trusted'), everyRow(trusted), 'seed');
}

beforeAll(async () => {
  await startBackend('wasm');
});

describe('an encoder of mixed columns', () => {
  const columns = columnsOf('trusted');
  const trusted = tableOf(columns);

  it('gives finite features, and the same ones from what it was sent as', () => {
    const encoder = fitted(trusted);
    const { features, texts } = encodeRows(encoder, trusted);
    expect(features.data.every(Number.isFinite)).toBe(true);
    expect(texts!.rows).toBe(ROWS);
    expect(encodeRows(structuredClone(encoder), trusted).features).toEqual(features);
    expect(encodeRows(fitted(trusted), trusted).features).toEqual(features);
  });

  it('reads both sides of a dialogue as text', () => {
    const notes = sentences(ROWS, 'notes');
    const dialogue = tableOf({ prompt: strings(notes), response: strings(sentences(ROWS, 'replies')) });
    const encoder = fitted(dialogue);
    expect(encoder.text!.names).toEqual(['prompt', 'response']);
    expect(encoder.tabular).toBeNull();
  });

  it('finds columns by name, in whatever order a shard has them', () => {
    const { size, colour, note, vector } = columns;
    const turned = tableOf({ vector, extra: size, note, colour, size });
    expect(encodeRows(fitted(trusted), turned)).toEqual(encodeRows(fitted(trusted), trusted));
  });

  it('gives a row the same features in any company', () => {
    const encoder = fitted(trusted);
    const batch = tableOf(columnsOf('batch', 40));
    const all = encodeRows(encoder, batch).features;
    expect(encodeRows(encoder, batch.slice(7, 9)).features).toEqual(selectRows(all, [7, 8]));
    expect(encodeRows(encoder, batch.slice(0, 0))).toMatchObject({ rows: 0, features: { rows: 0, cols: all.cols } });
  });

  it('keeps the features of dense columns and of text apart', () => {
    const encoder = fitted(trusted);
    const changed = tableOf({ ...columns, note: strings(sentences(ROWS, 'other')) });
    const [one, other] = [encodeRows(encoder, trusted), encodeRows(encoder, changed)];
    const dense = ({ features }: typeof one, row: number) =>
      features.data.subarray(row * features.cols, row * features.cols + one.denseDims);
    expect(one.denseDims).toBeGreaterThan(0);
    for (let row = 0; row < ROWS; row++) expect(dense(other, row)).toEqual(dense(one, row));
    expect(other.features).not.toEqual(one.features);
  });

  it('of one kind of column has no other features', () => {
    const onlyText = tableOf({ note: columns.note });
    expect(encodeRows(fitted(onlyText), onlyText)).toMatchObject({ denseDims: 0, features: { cols: ROWS + 1 } });
    const onlyNumbers = tableOf({ size: columns.size });
    expect(encodeRows(fitted(onlyNumbers), onlyNumbers).texts).toBeNull();
  });
});

describe('landmarks', () => {
  const table = tableOf({ text: strings([...sentences(60, 'landmarks'), null]) });
  const texts = encodeText(fitText(table, ['text'], everyRow(table)), table);
  const kernel = similarityMatrix(indexRows(texts, everyRow(table)), texts);

  function greatestError(chosen: Int32Array): number {
    const { data, cols } = projectOnLandmarks(fitLandmarks(texts, chosen), texts);
    let error = 0;
    for (let i = 0; i < texts.rows; i++) {
      for (let j = 0; j < texts.rows; j++) {
        let product = 0;
        for (let d = 0; d < cols; d++) product += data[i * cols + d]! * data[j * cols + d]!;
        error = Math.max(error, Math.abs(product - kernel.data[i * texts.rows + j]!));
      }
    }
    return error;
  }

  it('keep the similarities of texts when every row is one', () => {
    expect(greatestError(everyRow(table))).toBeLessThan(0.01);
  });

  it('keep them the better the more there are, and never enlarge a text', () => {
    const [few, half] = [
      greatestError(everyRow(table).subarray(0, 10)),
      greatestError(everyRow(table).subarray(0, 30)),
    ];
    expect(half).toBeLessThanOrEqual(few);
    const { data, cols } = projectOnLandmarks(fitLandmarks(texts, everyRow(table).subarray(0, 10)), texts);
    for (let row = 0; row < texts.rows; row++) {
      expect(Math.hypot(...data.subarray(row * cols, (row + 1) * cols))).toBeLessThan(1.001);
    }
  });

  it('stay stable where texts repeat', () => {
    const same = tableOf({ text: strings(new Array<string>(20).fill('one and the same')) });
    const rows = encodeText(fitText(same, ['text'], everyRow(same)), same);
    const { data } = projectOnLandmarks(fitLandmarks(rows, everyRow(same)), rows);
    expect(data.every(Number.isFinite)).toBe(true);
  });
});
