export { type Codes, readCodes } from './codes.js';
export { isNumeric, isTime, listSize, readLists, readNumbers, readStrings } from './columns.js';
export { rowDigests } from './digest.js';
export { type EncodedRows, type Encoder, encodeResident, encodeRows, fitEncoder } from './encoder.js';
export { fixLists } from './fixed-lists.js';
export { assignRoles, type ColumnRole, type NamedColumns, namedByContract, roleAsNamed, roleByName } from './roles.js';
export { showCells } from './show.js';
export { type InvertedIndex, indexRows, similaritiesOf } from './similarity.js';
export type { SparseRows } from './text.js';
