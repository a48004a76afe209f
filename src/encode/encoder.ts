import type { Table } from 'apache-arrow';
import { joinColumns, type Matrix, zeros } from '../linear/index.js';
import { type Expansion, expand, fitExpansion } from './expansion.js';
import { fitLandmarks, type Landmarks, projectOnLandmarks } from './landmarks.js';
import type { ColumnRole, Role } from './roles.js';
import { encodeTabular, fitTabular, type TabularModel } from './tabular.js';
import { encodeText, fitText, type SparseRows, type TextModel } from './text.js';
import { encodeVectors, fitVectors, type VectorModel } from './vectors.js';

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

export interface EncodedRows {
  readonly rows: number;
  /** rows × dims, one of the columns constant. */
  readonly features: Matrix;
  /** The first so many columns come from dense columns, the others from text. */
  readonly denseDims: number;
  /** Sparse text rows; null where there is no text. */
  readonly texts: SparseRows | null;
}

const EXPANSION_WIDTH = 512;
const MAX_LANDMARKS = 1024;

/** Fits on the trusted rows; `distinct` are the first rows of each group of equal ones, in digest order. */
export function fitEncoder(
  trusted: Table,
  columns: readonly ColumnRole[],
  distinct: Int32Array,
  seed: string,
): Encoder {
  const named = (role: Role) => columns.filter((column) => column.role === role).map((column) => column.name);
  const texts = [...named('text'), ...named('prompt'), ...named('response')];
  const models = {
    tabular: named('feature').length === 0 ? null : fitTabular(trusted, named('feature'), distinct),
    vectors: [...named('image'), ...named('embedding')].map((name) => fitVectors(trusted, name, distinct)),
    text: texts.length === 0 ? null : fitText(trusted, texts, distinct),
  };
  const dense = encodeDense(models, trusted);
  return {
    ...models,
    expansion: dense === null ? null : fitExpansion(dense, EXPANSION_WIDTH, seed),
    landmarks:
      models.text === null ? null : fitLandmarks(encodeText(models.text, trusted), distinct.subarray(0, MAX_LANDMARKS)),
  };
}

export function encodeRows(encoder: Encoder, table: Table): EncodedRows {
  const dense = encodeDense(encoder, table);
  const texts = encoder.text === null ? null : encodeText(encoder.text, table);
  const expanded = dense === null || encoder.expansion === null ? undefined : expand(encoder.expansion, dense);
  // Expanded features bring a constant of their own.
  const parts = [expanded ?? ones(table.numRows)];
  if (texts !== null && encoder.landmarks !== null) parts.push(projectOnLandmarks(encoder.landmarks, texts));
  return { rows: table.numRows, features: joinColumns(parts, table.numRows), denseDims: expanded?.cols ?? 0, texts };
}

type DenseModels = Pick<Encoder, 'tabular' | 'vectors'>;

function encodeDense(models: DenseModels, table: Table): Matrix | null {
  const parts = [
    ...(models.tabular === null ? [] : [encodeTabular(models.tabular, table)]),
    ...models.vectors.map((model) => encodeVectors(model, table)),
  ];
  return parts.length === 0 ? null : joinColumns(parts, table.numRows);
}

function ones(rows: number): Matrix {
  const column = zeros(rows, 1);
  column.data.fill(1);
  return column;
}
