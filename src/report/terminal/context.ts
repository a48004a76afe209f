import { someOf } from '../../count.js';
import { safeText } from '../../safe-text.js';
import { kinds } from '../kinds.js';
import type { ColumnRole, Role, ScanOutcome } from '../types.js';
import { count, share, shortValue } from '../wording.js';
import { type Canvas, grid, paragraph, section } from './layout.js';

const MOST_NAMES = 8;
const MOST_NOTES = 20;
const NAME_LENGTH = 40;

function namesOf(columns: readonly ColumnRole[]): string {
  return someOf(
    columns.map(({ name }) => shortValue(name, NAME_LENGTH)),
    MOST_NAMES,
  );
}

/** Which column was taken for what; a guess is something to check. */
export function columnsSection(canvas: Canvas, { columns }: ScanOutcome): string[] {
  const groups = new Map<string, { role: Role; guessed: boolean; columns: ColumnRole[] }>();
  for (const column of columns) {
    const key = `${column.role} ${column.guessed}`;
    const group = groups.get(key) ?? { role: column.role, guessed: column.guessed, columns: [] };
    group.columns.push(column);
    groups.set(key, group);
  }
  const rows = [...groups.values()].map((group) => [
    '',
    group.role,
    group.guessed ? 'guessed' : 'given',
    namesOf(group.columns),
  ]);
  return section(
    canvas,
    'Columns',
    grid(rows, [{ width: 2 }, { width: 11 }, { width: 9 }, { width: canvas.width - 22 }]),
  );
}

export function notesSection(canvas: Canvas, { notes }: ScanOutcome): string[] {
  const shown = notes.slice(0, MOST_NOTES).flatMap((note) => paragraph(canvas, safeText(note), 4, '  -'));
  const rest = notes.length - MOST_NOTES;
  return section(canvas, 'Notes', [
    ...shown,
    ...(rest > 0 ? paragraph(canvas, `and ${count(rest, 'more note')}`) : []),
  ]);
}

/** What could be in the batch and not be seen: no alarm is not proof. */
export function blindSpotSection(canvas: Canvas, { decision, shards }: ScanOutcome): string[] {
  const total = shards.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const lines = decision.minimumDetectable.map(({ kind, rows }) => {
    if (rows === null || total === 0) return ['', kind, 'no number of rows'];
    const { least } = kinds[kind];
    const found = `${count(Math.ceil(rows), 'row')} (${share(rows / total)})`;
    return ['', kind, least === undefined ? found : `${found} ${least}`];
  });
  const title = 'Least poison, spread over the whole batch, that is found 4 times in 5';
  return section(canvas, title, grid(lines, [{ width: 2 }, { width: 17 }, { width: canvas.width - 19 }]));
}
