import type { DataType, Table } from 'apache-arrow';

/** A column as the baseline knows it. */
interface ExpectedColumn {
  readonly name: string;
  readonly role: string;
  /** Arrow type as text. */
  readonly type: string;
}

export interface SchemaBreach {
  readonly column: string;
  readonly summary: string;
}

/** Roles that a shard must have as the baseline has them; the others may come and go. */
const REQUIRED_ROLES = new Set(['label', 'feature', 'text', 'image', 'embedding', 'prompt', 'response', 'pred_probs']);

/** A file of another kind lacks thousands of columns as soon as one, and the first of them say it. */
const MOST_BREACHES = 20;

/** Columns of `expected` that the table lacks or has with cells of another kind; of many the first, and how many more. */
export function checkSchema(table: Table, expected: readonly ExpectedColumn[]): SchemaBreach[] {
  const fields = new Map(table.schema.fields.map((field) => [field.name, field.type as DataType]));
  const breaches: SchemaBreach[] = [];
  for (const { name, role, type } of expected) {
    if (!REQUIRED_ROLES.has(role)) continue;
    const actual = fields.get(name);
    if (actual === undefined) breaches.push({ column: name, summary: `column ${name} (${role}) is missing` });
    else if (role !== 'label' && !holdsSameKind(String(actual), type)) {
      breaches.push({ column: name, summary: `column ${name} is ${String(actual)}, not ${type}` });
    }
  }
  return shortened(breaches, new Set(expected.filter(({ role }) => role === 'label').map(({ name }) => name)));
}

/** What is wrong with a label is always said. */
function shortened(breaches: SchemaBreach[], labels: ReadonlySet<string>): SchemaBreach[] {
  const isSaid = ({ column }: SchemaBreach, index: number) => index < MOST_BREACHES || labels.has(column);
  const rest = breaches.filter((breach, index) => !isSaid(breach, index));
  const [next] = rest;
  if (next === undefined || rest.length === 1) return breaches;
  const summary = `${rest.length} more columns are missing or of another type, the first of them ${next.column}`;
  return [...breaches.filter(isSaid), { column: next.column, summary }];
}

/**
 * Do columns of two Arrow types, as text, hold cells of the same kind? A column of nulls has no kind; a category may
 * look like a number in one shard (a file without type information).
 */
export function holdsSameKind(actual: string, expected: string): boolean {
  if (actual === 'Null') return true;
  const kind = kindOf(actual);
  const wanted = kindOf(expected);
  return kind === wanted || (wanted === 'string' && kind === 'number');
}

/** Are the cells of the kind that the type says, no less and no more? */
export function isSameKind(actual: DataType, expected: string): boolean {
  return kindOf(String(actual)) === kindOf(expected);
}

/** Types of one kind can be read as one another. */
export function kindOf(type: string): string {
  const cells = /^Dictionary<\w+, (.*)>$/s.exec(type)?.[1];
  if (cells !== undefined) return kindOf(cells);
  const [, list, item] = /^(FixedSizeList\[\d+\])<(.*)>$/s.exec(type) ?? [];
  // Of a list whose items are no numbers nothing can be read, whatever its size.
  if (item !== undefined) return /^(Int|Uint|Float)\d/.test(item) ? `${list} of numbers` : type;
  if (/^(Large)?Utf8/.test(type)) return 'string';
  return /^((Int|Uint|Float)\d|Bool|Decimal|Date|Time|Duration)/.test(type) ? 'number' : type;
}
