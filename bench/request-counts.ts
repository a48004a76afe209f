/** Operation → how often an S3 server was asked for it. */
export type RequestCounts = ReadonlyMap<string, number>;

/** Of lines of an access log those that `isCounted` says by operation and key, the most frequent first. */
export function countRequests(
  lines: readonly string[],
  isCounted: (operation: string, key: string) => boolean,
): RequestCounts {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [, operation = '', key = ''] = /^\S+ \S+ \[[^\]]*\] \S+ \S+ \S+ s3_(\w+) (\S+) /.exec(line) ?? [];
    if (operation === '' || !isCounted(operation, key)) continue;
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

export function tellRequests(counts: RequestCounts, shards: number): string {
  const each = (count: number) => (count / shards).toFixed(1);
  const sum = [...counts.values()].reduce((a, b) => a + b, 0);
  return `${each(sum)} (${[...counts].map(([operation, count]) => `${operation} ${each(count)}`).join(', ')})`;
}
