export { checkSchema, holdsSameKind, kindOf } from './schema.js';
