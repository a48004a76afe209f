import '../wide-tables.js';

export { type CharacterRows, selectCharacters } from './characters.js';
export { readCodes } from './codes.js';
export { isNumeric, isTime, listSize, readLists, readNumbers, readStrings } from './columns.js';
export { digestsUnderKey, rowDigests, singleBits } from './digest.js';
export {
  denseDimsOf,
  type EncodedRows,
  type Encoder,
  encodeResident,
  encodeRows,
  fitEncoder,
} from './encoder.js';
export { fixLists } from './fixed-lists.js';
export { countWithoutScores, type GivenProbabilities, readGivenScores } from './given-probabilities.js';
export { highHalf, joinHalves, lowHalf } from './halves.js';
export { scramble } from './hashes.js';
export { pictureShape } from './picture-shape.js';
export {
  assignRoles,
  type ColumnRole,
  isPredProbs,
  type NamedColumns,
  namedByContract,
  type Role,
  roleAsNamed,
  roleByName,
} from './roles.js';
export { type RowImage, shrinkImage } from './row-images.js';
export { type RowContent, showRow } from './show.js';
export {
  type Banding,
  digestsIn,
  firstWordIn,
  fitSigner,
  type Signatures,
  type Signer,
  signaturesPerRow,
  signRows,
} from './signatures.js';
export { type InvertedIndex, indexRows, similaritiesOf } from './similarity.js';
export { alwaysFilled } from './tabular.js';
export { takeRows } from './take-rows.js';
export { hashText, type SparseRows, wordsOf } from './text.js';
export { type UnitWeights, unitWeighted, unitWeightsOf } from './unit-weights.js';
export { withColumns } from './with-columns.js';
