import type { ColumnRole, NamedColumns } from '../../encode/index.js';
import type { Baseline } from '../types.js';
import { count, digest, flag, listOf, number, orNull, record, type Shape, text } from './shape.js';

/** Columns of one role; the first names only, so that a header stays small. */
export interface ColumnGroup {
  readonly role: string;
  readonly guessed: boolean;
  readonly count: number;
  readonly names: readonly string[];
}

/** What is told of an artefact without its payload. Nothing of when, where and by whom it was built. */
export interface ArtefactHeader {
  /** Version of the Taster that built it. */
  readonly taster: string;
  /** See SCORING_VERSION. */
  readonly scoring: number;
  /** Tensor backend it was fitted on. */
  readonly backend: string;
  readonly payload: { readonly bytes: number; readonly sha256: string };
  /** Digest of the trusted files. */
  readonly trusted: string;
  readonly rows: number;
  readonly distinctRows: number;
  readonly blocks: number;
  /** Number of label values; 0 without a label column. */
  readonly classes: number;
  readonly detectors: readonly string[];
  /** Number of trusted rows it holds with their values. */
  readonly exemplars: number;
  readonly columns: readonly ColumnGroup[];
  /** Columns that the user named when it was built. */
  readonly named: {
    readonly label: string | null;
    readonly source: string | null;
    readonly group: string | null;
    readonly ids: readonly string[];
  };
}

const MOST_NAMES = 8;
const NAME_LENGTH = 100;

export function headerOf(
  baseline: Baseline,
  { label = null, source = null, group = null, ids }: NamedColumns | ArtefactHeader['named'],
  rest: Pick<ArtefactHeader, 'taster' | 'scoring' | 'backend' | 'payload'>,
): ArtefactHeader {
  return {
    ...rest,
    trusted: baseline.sha256,
    rows: baseline.rows,
    distinctRows: baseline.distinctRows,
    blocks: baseline.blocks,
    classes: baseline.classes.length,
    detectors: baseline.detectors.map(({ kind }) => kind),
    exemplars: baseline.exemplars?.rows.length ?? 0,
    columns: groupColumns(baseline.columns),
    named: { label, source, group, ids },
  };
}

function groupColumns(columns: readonly ColumnRole[]): ColumnGroup[] {
  const groups = new Map<string, ColumnRole[]>();
  for (const column of columns) {
    const key = `${column.role} ${column.guessed}`;
    groups.set(key, [...(groups.get(key) ?? []), column]);
  }
  return [...groups.values()].map((members) => ({
    role: members[0]?.role ?? '',
    guessed: members[0]?.guessed ?? false,
    count: members.length,
    names: members.slice(0, MOST_NAMES).map(({ name }) => [...name].slice(0, NAME_LENGTH).join('')),
  }));
}

const shape: Shape = record<ArtefactHeader>({
  taster: text,
  scoring: number,
  backend: text,
  payload: record<ArtefactHeader['payload']>({ bytes: count, sha256: digest }),
  trusted: text,
  rows: count,
  distinctRows: count,
  blocks: count,
  classes: count,
  detectors: listOf(text),
  exemplars: count,
  columns: listOf(record<ColumnGroup>({ role: text, guessed: flag, count, names: listOf(text) })),
  named: record<ArtefactHeader['named']>({
    label: orNull(text),
    source: orNull(text),
    group: orNull(text),
    ids: listOf(text),
  }),
});

/** Throws Misshapen. */
export function assertHeader(value: unknown): asserts value is ArtefactHeader {
  shape(value, '');
}
