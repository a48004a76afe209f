import Table from 'cli-table3';
import pico from 'picocolors';

/** What every section of the terminal report is drawn with. */
export interface Canvas {
  /** Columns of the terminal; no line is wider. */
  readonly width: number;
  readonly pen: ReturnType<typeof pico.createColors>;
}

export function canvasOf(color: boolean, width: number): Canvas {
  return { width, pen: pico.createColors(color) };
}

const edges = ['top', 'bottom', 'left', 'right', 'mid'] as const;
const noBorder = Object.fromEntries(
  ['middle', ...edges.flatMap((edge) => [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`])].map((part) => [
    part,
    '',
  ]),
);

interface Column {
  readonly width: number;
  readonly align?: 'left' | 'right';
}

type Overflow = 'wrap' | 'cut';

/** Rows of cells in columns without borders; what is too wide for its column goes on below, or is cut with an ellipsis. */
export function grid(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  overflow: Overflow = 'wrap',
): string[] {
  if (rows.length === 0) return [];
  const table = new Table({
    chars: noBorder,
    style: { 'padding-left': 0, 'padding-right': 0, compact: true, head: [], border: [] },
    colWidths: columns.map(({ width }) => width),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    wordWrap: overflow === 'wrap',
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Text at `indent`, wrapped at words, with a mark before its first line. */
export function paragraph(canvas: Canvas, text: string, indent = 2, mark = ''): string[] {
  if (indent === 0) return grid([[text]], [{ width: canvas.width }]);
  return grid([[mark, text]], [{ width: indent }, { width: canvas.width - indent }]);
}

/** Text at `indent` on one line, cut where the terminal ends. */
export function line(canvas: Canvas, text: string, indent: number): string[] {
  return grid([['', text]], [{ width: indent }, { width: canvas.width - indent }], 'cut');
}

/** A titled part with an empty line before it; nothing when it has no lines. */
export function section(canvas: Canvas, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...paragraph(canvas, canvas.pen.bold(title), 0), ...lines];
}
