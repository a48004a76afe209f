import type { Finding, FindingKind } from '../decide/types.js';
import { titleOfKind } from '../detect/index.js';
import { safeText } from './safe-text.js';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumSignificantDigits: 2 });

/** `1 shard`, `2,000 shards`. */
export function count(amount: number, noun: string): string {
  return `${grouped.format(amount)} ${noun}${Math.round(amount) === 1 ? '' : 's'}`;
}

export function whole(amount: number): string {
  return grouped.format(amount);
}

export function share(part: number): string {
  return percent.format(part).replace('%', ' %');
}

/** A p- or q-value; `-` where nothing was tested. */
export function probability(value: number | null): string {
  if (value === null) return '-';
  if (value === 0) return '<1e-300';
  return value < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** Of findings that no detector made by itself. */
const faultTitles = new Map<FindingKind, string>([
  ['integrity', 'cannot be read whole'],
  ['schema', 'columns are not as expected'],
  ['slow-drip', 'a little worse in batch after batch'],
]);

/** `labels contradict the trusted data`. */
export function kindInWords(kind: FindingKind): string {
  return titleOfKind(kind) ?? faultTitles.get(kind) ?? kind;
}

/** `Shard a.csv`; names as they are in the data. */
export function placeOf({ scope, subject: name }: Finding): string {
  switch (scope) {
    case 'batch':
      return 'The whole batch';
    case 'remainder':
      return 'The rest of the batch, without what is named above';
    case 'shard':
      return `Shard ${name}`;
    case 'shard-class':
      return `Shard and class ${name}`;
    case 'source':
      return `Source "${name}"`;
    case 'class-pair':
      return `Labels ${name}`;
    case 'item':
      return `Item "${name}"`;
  }
}

/** `Shard a.csv: labels contradict the trusted data (label-flip)`; names as they are in the data. */
export function titleOf(finding: Finding): string {
  return `${placeOf(finding)}: ${kindInWords(finding.kind)} (${finding.kind})`;
}

/** The end of a long path says more than its beginning. */
export function shortPath(path: string, length: number): string {
  const characters = [...safeText(path)];
  return characters.length <= length ? characters.join('') : `…${characters.slice(1 - length).join('')}`;
}

/** The first `length` characters of a value. */
export function shortValue(value: string, length: number): string {
  const characters = [...safeText(value)];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}
