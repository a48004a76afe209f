import type { ContractModel } from '../schema/index.js';

export type ModelFormat = ContractModel['format'];

/** A model as the contract pins it, and where its files are. Plain data. */
export interface ModelPin extends ContractModel {
  /** Folder of the contract: nothing outside it is read. */
  readonly root: string;
  /** Absolute. */
  readonly file: string;
}

/** Rows for a model: rows × size, row-major. */
export interface ModelRows {
  readonly rows: number;
  readonly size: number;
  readonly values: Float32Array;
}
