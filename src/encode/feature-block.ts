import type { Matrix } from '../linear/index.js';

/** Where a column writes its features: from `offset` on in each row. */
export interface FeatureBlock {
  readonly features: Matrix;
  readonly offset: number;
  /** Place in each row where missing cells are counted. */
  readonly missing: number;
}
