export { type Backend, type BackendChoice, hasSimd, startBackend } from './backend.js';
export { cholesky, inverseTransposed } from './cholesky.js';
export { joinColumns, leftColumns, type Matrix, selectRows, zeros } from './matrix.js';
export { multiply, multiplyRelu, squaredNorms } from './products.js';
export { normals, seededRandom, standardNormal } from './random.js';
export {
  type CopyGroups,
  fitRidge,
  gramSums,
  leaveOneOutLeverage,
  leaveOneOutScores,
  type Ridge,
} from './ridge.js';
