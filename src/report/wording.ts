import type { Finding } from '../decide/types.js';
import { safeText } from '../safe-text.js';
import { kinds } from './kinds.js';

export { count, share, whole } from '../count.js';

const rounded = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });
/** Rarer than this, a figure says no more than "hardly ever". */
const LEAST_CHANCE = 1e-6;

/** A p- or q-value; `-` where nothing was tested. */
export function probability(value: number | null): string {
  if (value === null) return '-';
  if (value === 0) return '<1e-300';
  return value < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** How often chance alone does so. */
export function chance(pValue: number): string {
  if (pValue < LEAST_CHANCE) return 'less than once in a million';
  return pValue > 0.5 ? 'as often as not' : `about once in ${rounded.format(1 / pValue)} times`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `Shard a.csv`; names as they are in the data. */
export function placeOf({ kind, scope, subject: name, evidence }: Finding): string {
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
      return pairOf(evidence.numbers) ?? `Labels ${name}`;
    case 'item':
      return itemOf(kinds[kind].item, name);
  }
}

function pairOf({ given, called }: Finding['evidence']['numbers']): string | undefined {
  return given === undefined ? undefined : `Rows labelled ${given} that look like ${called}`;
}

function itemOf(noun: string | undefined, name: string): string {
  return noun === undefined ? capital(name) : `${noun} "${name}"`;
}

/** `Shard a.csv: labels look wrong (label-flip)`; names as they are in the data. */
export function titleOf(finding: Finding): string {
  return `${placeOf(finding)}: ${kinds[finding.kind].title} (${finding.kind})`;
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
