export { digestAt } from './files.js';
export { type Models, startModels, withModels } from './models.js';
