import type { Schema } from 'apache-arrow';
import { sha256Of } from '../store/index.js';

/** SHA-256 of the JSON list of a table's columns in order, each as [name, Arrow type]. */
export function schemaDigest({ fields }: Schema): string {
  return sha256Of(JSON.stringify(fields.map(({ name, type }) => [name, String(type)])));
}
