export { type Backend, type BackendChoice, hasSimd, startBackend } from './backend.js';
export { lowerBound, upperBound } from './bounds.js';
export { cholesky, inverseTransposed, solve } from './cholesky.js';
export { type FilterBank, poolResponses, shrinkPictures, shrunkSide } from './convolution.js';
export { fitLeverageModel, fitLeverages, type LeverageModel, leverages } from './leverage.js';
export { fitLogistic, toProbabilities } from './logistic.js';
export {
  columnMeans,
  joinColumns,
  type Matrix,
  type OneHotGroup,
  type Resident,
  type Rows,
  selectColumns,
  selectRows,
  zeros,
} from './matrix.js';
export { nearestDistances } from './nearest.js';
export { fitPlane, type PrincipalPlane, placeRows } from './principal-plane.js';
export {
  CHUNK_ROWS,
  crossProduct,
  fromResident,
  joinResidents,
  leftColumns,
  multiply,
  multiplyRelu,
  multiplySome,
  packSigns,
  residentRelu,
  residentScaled,
  residentScope,
  squaredNorms,
  toResident,
  wordsOfSigns,
} from './products.js';
export { normals, type Random, seededRandom, standardNormal } from './random.js';
export {
  type CopyGroups,
  fitRidge,
  fitWeights,
  type GramSums,
  gramSums,
  leaveOneOutScores,
  type Ridge,
} from './ridge.js';
export { mainDirections, whitenCentred } from './subspace.js';
export { sumOf } from './sum.js';
