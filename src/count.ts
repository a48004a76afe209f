const MOST_NAMED = 5;

const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumSignificantDigits: 2 });
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `2,000`. */
export function whole(amount: number): string {
  return grouped.format(amount);
}

/** `1.2 %`, of .0123. */
export function share(part: number): string {
  return percent.format(part).replace('%', ' %');
}

/** `a, b and 12 more`: of names that may be very many. */
export function someOf(names: readonly (string | number)[], most = MOST_NAMED): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${whole(names.length - most)} more` : shown;
}

/** `1 shard`, `2,000 shards`. */
export function count(amount: number, noun: string): string {
  return `${whole(amount)} ${noun}${Math.round(amount) === 1 ? '' : 's'}`;
}
