export { type Backend, type BackendChoice, hasSimd, startBackend } from './backend.js';
export { cholesky, inverseTransposed } from './cholesky.js';
export { fitLeverage, type LeverageModel, leaveOneOutLeverages, leverages } from './leverage.js';
export { joinColumns, type Matrix, type Resident, type Rows, selectRows, zeros } from './matrix.js';
export {
  CHUNK_ROWS,
  joinResidents,
  leftColumns,
  multiply,
  multiplyRelu,
  readColumns,
  residentRelu,
  residentScope,
  squaredNorms,
  toResident,
} from './products.js';
export { normals, seededRandom, standardNormal } from './random.js';
export {
  type CopyGroups,
  fitRidge,
  gramSums,
  leaveOneOutScores,
  type Ridge,
} from './ridge.js';
