/** What the rest of a shard may be called. */
export function cleanedNames(path: string): string[] {
  return ['parquet', 'arrow'].map((ending) => `${path}.clean.${ending}`);
}

/** What such a rest is called in quarantine: several decisions may have made one of the same name. */
export function keptName(cleaned: string, sha256: string): string {
  const end = cleaned.lastIndexOf('.');
  return `${cleaned.slice(0, end)}.${sha256}${cleaned.slice(end)}`;
}
