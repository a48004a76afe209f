import type { ArtefactHeader } from '../../baseline/index.js';
import { safeText } from '../../safe-text.js';
import type { ScanOutcome } from '../types.js';
import { count, shortPath, shortValue, whole } from '../wording.js';
import { findingsSection } from './findings.js';
import { type Canvas, canvasOf, grid, paragraph, section } from './layout.js';

/** What is to be told of a built baseline. */
export interface BaselineSummary {
  readonly path: string;
  readonly header: ArtefactHeader;
  readonly sha256: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** What the user should know of the fit; empty where only the header was read. */
  readonly notes: readonly string[];
  /** What a scan of the trusted rows against themselves found, or why there was none; undefined where none was asked for. */
  readonly itself: ScanOutcome | string | undefined;
}

const NAME_LENGTH = 40;
const KEY_WIDTH = 14;

/** A built baseline in words. */
export function renderBaseline(
  { path, header, sha256, bytes, notes, itself }: BaselineSummary,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const canvas = canvasOf(color, width);
  const facts = [
    [
      'trusted rows',
      `${whole(header.rows)} (${whole(header.distinctRows)} distinct) in ${count(header.blocks, 'block')}`,
    ],
    ['labels', header.classes === 0 ? 'none' : count(header.classes, 'value')],
    ['rows held', header.exemplars === 0 ? 'none' : `${count(header.exemplars, 'trusted row')} with their values`],
    ['judges by', header.detectors.map(safeText).join(', ')],
    ['built by', safeText(`Taster ${header.taster}, scoring version ${header.scoring}, ${header.backend} tensors`)],
    ['size', count(bytes, 'byte')],
  ];
  const lines = [
    ...paragraph(canvas, canvas.pen.bold(`Baseline ${shortPath(path, width - 10)}`), 0),
    ...grid(
      facts.map(([key = '', value = '']) => ['', key, value]),
      [{ width: 2 }, { width: KEY_WIDTH }, { width: width - 2 - KEY_WIDTH }],
    ),
    // Whole whatever the width: digests are there to be copied.
    `  ${'trusted files'.padEnd(KEY_WIDTH)}${safeText(header.trusted)}`,
    `  ${'digest'.padEnd(KEY_WIDTH)}${sha256}`,
    ...section(canvas, 'Columns', columnLines(header, width)),
    ...section(
      canvas,
      'Notes',
      notes.flatMap((note) => paragraph(canvas, safeText(note), 4, '  -')),
    ),
    ...itselfLines(canvas, itself),
  ];
  return `${lines.join('\n')}\n`;
}

function itselfLines(canvas: Canvas, itself: BaselineSummary['itself']): string[] {
  if (itself === undefined) return [];
  if (typeof itself === 'string') {
    return section(canvas, 'Not scanned against itself', paragraph(canvas, safeText(itself)));
  }
  const { findings } = itself.decision;
  const verdict =
    findings.length === 0
      ? 'The trusted rows, scanned against themselves: nothing stands out.'
      : 'The trusted rows, scanned against themselves: look at these before you trust them all.';
  return ['', ...paragraph(canvas, verdict, 0), ...(findings.length === 0 ? [] : findingsSection(canvas, itself))];
}

function columnLines({ columns }: ArtefactHeader, width: number): string[] {
  const rows = columns.map(({ role, guessed, count: total, names }) => {
    const shown = names.map((name) => shortValue(name, NAME_LENGTH)).join(', ');
    const rest = total - names.length;
    return ['', safeText(role), guessed ? 'guessed' : 'given', rest > 0 ? `${shown} and ${rest} more` : shown];
  });
  return grid(rows, [{ width: 2 }, { width: 11 }, { width: 9 }, { width: width - 22 }]);
}
