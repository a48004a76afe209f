/** A root one or more segments below another. */
export function below(root: string, ...segments: readonly string[]): string {
  return [root, ...segments].join('/');
}

/** Where the records of one batch lie in a vault. */
export function batchFolder(batch: string): string {
  return `batches/${batch}`;
}
