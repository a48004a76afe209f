const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `2,000`. */
export function whole(amount: number): string {
  return grouped.format(amount);
}

/** `1 shard`, `2,000 shards`. */
export function count(amount: number, noun: string): string {
  return `${whole(amount)} ${noun}${Math.round(amount) === 1 ? '' : 's'}`;
}
