/** A root one or more segments below another. */
export function below(root: string, ...segments: readonly string[]): string {
  return [root, ...segments].join('/');
}

/** A number as part of a name: names stand in the order of numbers. */
export function numbered(number: number): string {
  return String(number).padStart(6, '0');
}

/** Where the records of one batch lie in a vault. */
export function batchFolder(batch: string): string {
  return `batches/${batch}`;
}
