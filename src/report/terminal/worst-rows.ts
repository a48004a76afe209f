import type { Finding } from '../../decide/types.js';
import { safeText } from '../../safe-text.js';
import { readReason } from '../reasons.js';
import type { Role, ScanOutcome, WorstRow } from '../types.js';
import { shortPath, shortValue } from '../wording.js';
import { type Canvas, line, paragraph, section } from './layout.js';

const INDENT = 5;
const MOST_VALUES = 6;
const VALUE_LENGTH = 32;
const PATH_LENGTH = 40;

/** What a person looks for first in a row. */
const firstRoles: readonly Role[] = ['id', 'label', 'source', 'text', 'prompt', 'response'];

function someValues(row: WorstRow, roles: ReadonlyMap<string, Role>): string {
  const rank = (column: string) => {
    const place = firstRoles.indexOf(roles.get(column) ?? 'feature');
    return place < 0 ? firstRoles.length : place;
  };
  const images = [...row.images].map(([column, { width, height }]) => [column, `${width}×${height} image`] as const);
  return [...row.values, ...images]
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, MOST_VALUES)
    .map(([column, value]) => `${shortValue(column, VALUE_LENGTH)}=${shortValue(value, VALUE_LENGTH)}`)
    .join('  ');
}

interface Context {
  readonly roles: ReadonlyMap<string, Role>;
  readonly findings: readonly Finding[];
}

function drawRow(canvas: Canvas, row: WorstRow, position: number, { roles, findings }: Context): string[] {
  const { pen } = canvas;
  const where = `${shortPath(row.shard, PATH_LENGTH)}, row ${row.row}`;
  const how = `suspicion ${row.suspicion.toFixed(4)}${row.suspect ? pen.red('  suspect') : ''}`;
  const values = someValues(row, roles);
  return [
    ...paragraph(canvas, `${where}   ${how}`, INDENT, `${String(position).padStart(3)}.`),
    ...(row.reason === null ? [] : paragraph(canvas, safeText(readReason(row.reason, findings).words), INDENT)),
    ...(values === '' ? [] : line(canvas, pen.dim(values), INDENT)),
  ];
}

/** The rows to look at first; every batch has some, so without findings they accuse nobody. */
export function worstRowsSection(canvas: Canvas, { worstRows, columns, decision, redacted }: ScanOutcome): string[] {
  const roles = new Map(columns.map(({ name, role }) => [name, role]));
  const context = { roles, findings: decision.findings };
  const rows = worstRows.flatMap((row, index) => drawRow(canvas, row, index + 1, context));
  const calm = decision.findings.length === 0 ? '; every batch has some' : '';
  const hidden = redacted ? '; values left out' : '';
  return section(canvas, `Worst rows (numbered from 0 in each shard${calm}${hidden})`, rows);
}
