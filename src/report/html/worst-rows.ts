import type { Neighbour, Role, ScanOutcome, WorstRow } from '../types.js';
import { count } from '../wording.js';
import { drawImage } from './image.js';
import { clip, clipPath, html, type Markup, value } from './markup.js';

/** Shown without a click. */
const OPEN_ROWS = 3;
const MOST_COLUMNS = 30;
const MOST_IMAGES = 2;
const NAME_LENGTH = 80;
const CELL_LENGTH = 240;

/** What a person looks for first in a row. */
const firstRoles: readonly Role[] = ['label', 'text', 'source', 'id', 'group'];
/** Columns that differ from row to row whatever is in them: a mark would say nothing. */
const ownRoles: ReadonlySet<Role> = new Set(['id', 'source', 'group', 'text']);

interface Cell {
  readonly column: string;
  readonly role: Role;
  readonly own: string;
  /** Undefined without a trusted neighbour. */
  readonly trusted: string | undefined;
  readonly differs: boolean;
}

function cellsOf({ values, neighbour }: WorstRow, roles: ReadonlyMap<string, Role>): Cell[] {
  const rank = ({ role, differs }: Cell) => {
    const place = firstRoles.indexOf(role);
    return (place < 0 ? firstRoles.length : place) + (differs ? 0 : 0.5);
  };
  return [...values]
    .map(([column, own]): Cell => {
      const role = roles.get(column) ?? 'ignore';
      const trusted = neighbour?.values.get(column);
      const differs = trusted !== undefined && trusted !== own && !ownRoles.has(role) && !neighbour?.alike.has(column);
      return { column, role, own, trusted, differs };
    })
    .sort((a, b) => rank(a) - rank(b));
}

function drawImages({ images, neighbour, shard, row }: WorstRow): Markup[] {
  return [...images].slice(0, MOST_IMAGES).map(([column, image]) => {
    const trusted = neighbour?.images.get(column);
    const name = clip(column, NAME_LENGTH);
    return html`<div class="pixel-pair"><figure>${drawImage(image, `${name} of ${clipPath(shard, 60)}, row ${row}`)}<figcaption>${value(name)} of this row</figcaption></figure>${
      trusted === undefined
        ? null
        : html`<figure>${drawImage(trusted, `${name} of the trusted neighbour`)}<figcaption>${neighbour && neighbourName(neighbour)}</figcaption></figure>`
    }</div>`;
  });
}

/** What the trusted row beside it is. */
function neighbourName({ sharesLabel }: Neighbour): string {
  return sharesLabel ? 'trusted neighbour' : 'trusted neighbour of any label';
}

function drawCells(cells: readonly Cell[], neighbour: Neighbour | null): Markup | null {
  if (cells.length === 0) return null;
  const rest = cells.length - MOST_COLUMNS;
  const hasNeighbour = neighbour !== null;
  const name = neighbour === null ? '' : neighbourName(neighbour);
  return html`<table class="compare"><thead><tr><th scope="col">column</th><th scope="col">this row</th>${hasNeighbour ? html`<th scope="col">${name}</th>` : null}</tr></thead><tbody>
${cells.slice(0, MOST_COLUMNS).map(
  ({
    column,
    own,
    trusted,
    differs,
  }) => html`<tr><th scope="row">${value(clip(column, NAME_LENGTH))}</th><td${differs ? html` class="differs"` : null} dir="auto" data-from="this row">${clip(own, CELL_LENGTH)}</td>${hasNeighbour ? html`<td dir="auto" data-from="${name}">${trusted === undefined ? '-' : clip(trusted, CELL_LENGTH)}</td>` : null}</tr>
`,
)}</tbody></table>${rest > 0 ? html`<p class="muted">and ${count(rest, 'more column')}</p>` : null}`;
}

function drawContent(row: WorstRow, roles: ReadonlyMap<string, Role>, isRedacted: boolean): Markup {
  if (isRedacted) return html`<p class="muted">Values left out, as --redact asked.</p>`;
  if (row.values.size === 0 && row.images.size === 0) {
    return html`<p class="muted">No values: the file is no longer the one that was scored.</p>`;
  }
  return html`${drawImages(row)}${drawCells(cellsOf(row, roles), row.neighbour)}`;
}

function drawRow(row: WorstRow, index: number, roles: ReadonlyMap<string, Role>, isRedacted: boolean): Markup {
  return html`<details class="card"${index < OPEN_ROWS ? html` open` : null}><summary>${index + 1}. ${value(clipPath(row.shard, 60))}, row ${row.row} ${row.suspect ? html`<span class="tag bad">suspect</span>` : null} <span class="muted">suspicion ${row.suspicion.toFixed(4)}</span></summary>
${row.reason === null ? null : html`<p>${sentence(row.reason)}</p>`}${drawContent(row, roles, isRedacted)}</details>
`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Which trusted rows stand beside the worst ones, or why none do. */
function besideThem({ worstRows, columns, redacted, baseline }: ScanOutcome): string {
  if (redacted) return '';
  if (baseline.provisional) return 'Without trusted rows (--baseline) there are none to set beside them. ';
  if (worstRows.every(({ neighbour }) => neighbour === null)) {
    return baseline.artefact === null
      ? 'This run looked up no trusted rows to set beside them. '
      : 'No trusted rows stand beside them: the built baseline holds none (taster baseline build --exemplars keeps some in it). ';
  }
  const ofLabel = columns.some(({ role }) => role === 'label') ? 'of the same label ' : '';
  return `Beside each stands the trusted row ${ofLabel}most like it, out of a sample. Marked is what differs, numbers by more than the standard deviation of the trusted rows. `;
}

/** The rows to look at first, beside trusted rows; every batch has some, so without findings they accuse nobody. */
export function worstRowsSection(outcome: ScanOutcome): Markup | null {
  const { worstRows, columns, decision, redacted } = outcome;
  if (worstRows.length === 0) return null;
  const roles = new Map(columns.map(({ name, role }) => [name, role]));
  const calm = decision.findings.length === 0 ? 'Every batch has some; nothing here is accused. ' : '';
  return html`<section id="rows" aria-labelledby="rows-title"><h2 id="rows-title">Worst rows</h2>
<p class="muted">${calm}${besideThem(outcome)}Rows are numbered from 0 in each shard; every row's score is in rows.arrow.</p>
${worstRows.map((row, index) => drawRow(row, index, roles, redacted))}</section>`;
}
