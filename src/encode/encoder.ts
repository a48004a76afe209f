import type { Table } from 'apache-arrow';
import { joinColumns, joinResidents, type Matrix, type Rows, toResident, zeros } from '../linear/index.js';
import { type CharacterRows, readCharacters } from './characters.js';
import { type Expansion, expand, expandResident, fitExpansion } from './expansion.js';
import { fitLandmarks, type Landmarks, projectOnLandmarks } from './landmarks.js';
import type { ColumnRole, Role } from './roles.js';
import { categoryGroups, encodeTabular, fitTabular, type TabularModel } from './tabular.js';
import { encodeText, fitText, type SparseRows, type TextModel } from './text.js';
import { encodeVectors, fitPictures, fitVectors, type VectorModel } from './vectors.js';

/** How columns become features, fitted on trusted rows: plain data that can be sent to other processes. */
export interface Encoder {
  readonly tabular: TabularModel | null;
  /** Image and embedding columns. */
  readonly vectors: readonly VectorModel[];
  readonly text: TextModel | null;
  /** Null where there are no dense columns. */
  readonly expansion: Expansion | null;
  /** Null where there is no text. */
  readonly landmarks: Landmarks | null;
}

export interface EncodedRows<Features extends Rows = Rows> {
  readonly rows: number;
  /** rows × dims, one of the columns constant. */
  readonly features: Features;
  /** The first so many columns come from dense columns, the others from text. */
  readonly denseDims: number;
  /** Dense columns as they were read, and a last one without meaning; null where there are none. */
  readonly dense: Matrix | null;
  /** Sparse text rows; null where there is no text. */
  readonly texts: SparseRows | null;
  /** Null where there is no text. */
  readonly characters: CharacterRows | null;
}

/** Random features; where rows are narrow, twice as many cost no more than half of them where rows are wide. */
const EXPANSION_WIDTH = 256;
const NARROW_DIMS = 64;
const MAX_LANDMARKS = 1024;

/** Fits on the trusted rows; `distinct` are the first rows of each group of equal ones, in digest order. */
export function fitEncoder(
  trusted: Table,
  columns: readonly ColumnRole[],
  distinct: Int32Array,
  seed: string,
  mostLandmarks = MAX_LANDMARKS,
): Encoder {
  const named = (role: Role) => columns.filter((column) => column.role === role).map((column) => column.name);
  const texts = [...named('text'), ...named('prompt'), ...named('response')];
  const models = {
    tabular: named('feature').length === 0 ? null : fitTabular(trusted, named('feature'), distinct),
    vectors: [
      ...named('image').map((name) => fitPictures(trusted, name, distinct, seed)),
      ...named('embedding').map((name) => fitVectors(trusted, name, distinct)),
    ],
    text: texts.length === 0 ? null : fitText(trusted, texts, distinct),
  };
  const dense = encodeDense(models, trusted);
  return {
    ...models,
    expansion: dense === null ? null : fitExpansion(dense, widthFor(dense.cols), seed),
    landmarks:
      models.text === null ? null : fitLandmarks(encodeText(models.text, trusted), distinct.subarray(0, mostLandmarks)),
  };
}

export function encodeRows(encoder: Encoder, table: Table): EncodedRows<Matrix> {
  const { projected, ...parts } = encodeParts(encoder, table);
  const { dense } = parts;
  const own = dense && { ...dense, data: dense.data.slice() };
  const expanded = own === null || encoder.expansion === null ? undefined : expand(encoder.expansion, own);
  // Expanded features bring a constant of their own.
  const features = joinColumns([expanded ?? ones(table.numRows), ...projected], table.numRows);
  return { rows: table.numRows, features, denseDims: expanded?.cols ?? 0, ...parts };
}

/** The same for rows that are scored at once: the features stay where they are computed, until the resident scope ends. */
export function encodeResident(encoder: Encoder, table: Table): EncodedRows {
  const { projected, ...encoded } = encodeParts(encoder, table);
  const { dense } = encoded;
  const { expansion, tabular } = encoder;
  const isDense = dense !== null && expansion !== null;
  const expanded = isDense ? expandResident(expansion, dense, categoryGroups(tabular)) : undefined;
  const parts = [expanded ?? toResident(ones(table.numRows)), ...projected.map(toResident)];
  return { rows: table.numRows, features: joinResidents(parts), denseDims: expanded?.cols ?? 0, ...encoded };
}

function encodeParts(encoder: Encoder, table: Table) {
  const dense = encodeDense(encoder, table);
  const texts = encoder.text === null ? null : encodeText(encoder.text, table);
  const characters = encoder.text === null ? null : readCharacters(encoder.text.names, table);
  const projected = texts === null || encoder.landmarks === null ? [] : [projectOnLandmarks(encoder.landmarks, texts)];
  return { dense, texts, characters, projected };
}

type DenseModels = Pick<Encoder, 'tabular' | 'vectors'>;

/** How many of the first features are dense columns as they are, but for their scale. */
export function denseDimsOf({ tabular, vectors }: DenseModels): number {
  return (tabular?.dims ?? 0) + vectors.reduce((sum, { centre }) => sum + centre.length + 1, 0);
}

function widthFor(dims: number): number {
  return dims <= NARROW_DIMS ? 2 * EXPANSION_WIDTH : EXPANSION_WIDTH;
}

/** Dense columns side by side, and a last column for the constant. */
function encodeDense({ tabular, vectors }: DenseModels, table: Table): Matrix | null {
  if (tabular === null && vectors.length === 0) return null;
  if (tabular !== null && vectors.length === 0) return encodeTabular(tabular, table, 1);
  const parts = [
    ...(tabular === null ? [] : [encodeTabular(tabular, table)]),
    ...vectors.map((model) => encodeVectors(model, table)),
    zeros(table.numRows, 1),
  ];
  return joinColumns(parts, table.numRows);
}

function ones(rows: number): Matrix {
  const column = zeros(rows, 1);
  column.data.fill(1);
  return column;
}
