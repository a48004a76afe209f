export { checkSchema } from './schema.js';
