import { blindSpotSection, columnsSection, notesSection } from './terminal/context.js';
import { findingsSection } from './terminal/findings.js';
import { basis, headline } from './terminal/headline.js';
import { canvasOf } from './terminal/layout.js';
import { nextStepsSection } from './terminal/next-steps.js';
import { shardsSection, sourcesSection } from './terminal/scopes.js';
import { worstRowsSection } from './terminal/worst-rows.js';
import type { ScanOutcome } from './types.js';

interface TerminalOptions {
  readonly color: boolean;
  /** Columns; at least 60. */
  readonly width: number;
  /** Where the report files are, when they were written. */
  readonly folder?: string;
}

/** The report as text for a person at a terminal, no line wider than asked for, nothing from data unescaped. */
export function renderTerminal(outcome: ScanOutcome, { color, width, folder }: TerminalOptions): string {
  const canvas = canvasOf(color, Math.max(width, 60));
  const lines = [
    ...headline(canvas, outcome),
    ...basis(canvas, outcome),
    ...shardsSection(canvas, outcome),
    ...sourcesSection(canvas, outcome),
    ...findingsSection(canvas, outcome),
    ...worstRowsSection(canvas, outcome),
    ...columnsSection(canvas, outcome),
    ...notesSection(canvas, outcome),
    ...blindSpotSection(canvas, outcome),
    ...nextStepsSection(canvas, outcome, folder),
  ];
  return `${lines.join('\n')}\n`;
}
