import type { Contract } from '../../schema/index.js';

/** Lists and small objects stay on one line as long as they fit. */
const LINE_WIDTH = 100;

/** The contract as JSON for a person to edit: a setting a line, ends in a newline. */
export function contractText(contract: Contract): string {
  return `${layOut(contract, '')}\n`;
}

function layOut(value: unknown, indent: string): string {
  const flat = onOneLine(value);
  const isNested = typeof value === 'object' && value !== null && Object.values(value).some(isComposite);
  if (!isComposite(value) || (!isNested && !('name' in value) && indent.length + flat.length <= LINE_WIDTH))
    return flat;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((item) => `${inner}${layOut(item, inner)}`)
    : Object.entries(value).map(([key, member]) => `${inner}${JSON.stringify(key)}: ${layOut(member, inner)}`);
  return `${isList ? '[' : '{'}\n${members.join(',\n')}\n${indent}${isList ? ']' : '}'}`;
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (!isComposite(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
