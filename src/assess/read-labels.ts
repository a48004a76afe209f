import type { Table, Vector } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { readCodes } from '../encode/index.js';
import type { ShardFault } from './types.js';

const MOST_EXAMPLES = 5;

/** Labels as indices of classes, −1 where there is none that the baseline knows, and what is wrong with them. */
export function readLabels(table: Table, { columns, classes }: Baseline): { labels: Int32Array; faults: ShardFault[] } {
  const name = columns.find(({ role }) => role === 'label')?.name;
  if (name === undefined) return { labels: new Int32Array(table.numRows).fill(-1), faults: [] };
  const { values, codes } = readCodes(table.getChild(name) as Vector);
  const indices = new Map(classes.map((value, index) => [value, index]));
  const labelOf = Int32Array.from(values, (value) => indices.get(value) ?? -1);
  const rowsOf = new Int32Array(values.length);
  let missing = 0;
  const labels = codes.map((code) => {
    if (code < 0) missing++;
    else rowsOf[code] = (rowsOf[code] as number) + 1;
    return code < 0 ? -1 : (labelOf[code] as number);
  });
  const plain = new Set(classes.map(plainOf));
  const strangers = values.flatMap((value, code) =>
    labelOf[code] === -1 ? [{ value, rows: rowsOf[code] as number, isDisguised: plain.has(plainOf(value)) }] : [],
  );
  const disguised = strangers.filter(({ isDisguised }) => isDisguised);
  const unknown = strangers.filter(({ isDisguised }) => !isDisguised);
  const place = { column: name, of: table.numRows };
  return {
    labels,
    faults: [
      ...faultOf(place, totalOf(disguised), { what: DISGUISED, examples: disguised, holds: true }),
      ...faultOf(place, totalOf(unknown), { what: UNKNOWN, examples: unknown, holds: false }),
      ...faultOf(place, missing, { what: 'have no label', examples: [], holds: false }),
    ],
  };
}

const DISGUISED =
  'have a label that differs from a known one only in case, spaces, the form of a number or characters that are not seen';
const UNKNOWN = 'have a label that the baseline does not know';

/**
 * What training may make of a label before it compares: one that becomes a known label so is no new class, and would pass by
 * every check of labels.
 */
function plainOf(label: string): string {
  const text = label
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .trim();
  return text !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : text.toLowerCase();
}

interface Values {
  readonly value: string;
  readonly rows: number;
}

function totalOf(values: readonly Values[]): number {
  return values.reduce((sum, { rows }) => sum + rows, 0);
}

function faultOf(
  { column, of }: { readonly column: string; readonly of: number },
  rows: number,
  { what, examples, holds }: { readonly what: string; readonly examples: readonly Values[]; readonly holds: boolean },
): ShardFault[] {
  if (rows === 0) return [];
  const shown = examples.slice(0, MOST_EXAMPLES).map(({ value }) => value);
  const say = (cells: string) => `${rows} of ${of} rows ${what}${cells}; their labels are not checked`;
  const numbers = { column, rows };
  const summary = say(shown.length === 0 ? '' : ` (${shown.join(', ')})`);
  return [{ kind: 'schema', summary, numbers, withoutCells: { summary: say(''), numbers }, holds }];
}
