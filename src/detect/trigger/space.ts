import type { Table } from 'apache-arrow';
import type { ColumnRole } from '../../encode/index.js';
import { type CodedColumn, codesFor, fitColumns, pairCells } from './columns.js';
import { fitGrids, type PixelGrid, patchCells } from './grids.js';
import type { CommonWords } from './templates.js';

/** What is counted of each row, fitted on trusted rows. Plain data. */
export interface ItemSpace {
  /** Columns whose words and pairs of neighbouring words are items. */
  readonly texts: readonly string[];
  /** Columns whose values, and pairs of them, are items. */
  readonly columns: readonly CodedColumn[];
  /** Pictures whose patches are items. */
  readonly grids: readonly PixelGrid[];
  /** Items that are counted one by one in a table: pairs of values, then patches. */
  readonly cells: number;
  /** Given where how texts begin is an item as well. */
  readonly common?: readonly CommonWords[];
}

/** Null where there is nothing that could be a trigger. */
export function fitSpace(trusted: Table, roles: readonly ColumnRole[]): ItemSpace | null {
  const named = (role: string) => roles.filter((column) => column.role === role).map(({ name }) => name);
  const texts = [...named('text'), ...named('prompt'), ...named('response')];
  const features = named('feature');
  const columns = fitColumns(trusted, features, codesFor(features.length));
  const pairs = pairCells(columns);
  const grids = fitGrids(trusted, named('image'), pairs);
  const cells = grids.reduce((sum, grid) => sum + patchCells(grid), pairs);
  return texts.length + columns.length + grids.length === 0 ? null : { texts, columns, grids, cells };
}
