export { type BackendChoice, startBackend } from './backend.js';
export { cholesky, inverseTransposed } from './cholesky.js';
export { joinColumns, type Matrix, selectRows, zeros } from './matrix.js';
export { multiply, multiplyRelu, quadraticForms } from './products.js';
export { normals, seededRandom } from './random.js';
export {
  type CopyGroups,
  fitRidge,
  gramSums,
  leaveOneOutLeverage,
  leaveOneOutScores,
  type Ridge,
} from './ridge.js';
