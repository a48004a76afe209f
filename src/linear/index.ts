export { type Backend, type BackendChoice, startBackend } from './backend.js';
export { cholesky, inverseTransposed } from './cholesky.js';
export { joinColumns, leftColumns, type Matrix, selectColumns, selectRows, zeros } from './matrix.js';
export { nearestDistances } from './nearest.js';
export { multiply, multiplyRelu, squaredNorms } from './products.js';
export { normals, type Random, seededRandom, standardNormal } from './random.js';
export {
  type CopyGroups,
  fitRidge,
  gramSums,
  leaveOneOutLeverage,
  leaveOneOutScores,
  type Ridge,
} from './ridge.js';
