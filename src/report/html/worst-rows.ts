import { readReason } from '../reasons.js';
import type { Role, ScanOutcome, WorstRow } from '../types.js';
import { count } from '../wording.js';
import { brightened } from './brighten.js';
import { groupBy } from './group-by.js';
import { drawImage } from './image.js';
import { clipPath, html, type Markup, value } from './markup.js';
import { drawCells } from './row-cells.js';

/** Shown without a click. */
const OPEN_ROWS = 3;
const PATH_LENGTH = 60;

/** Rows that are the same story: carriers of one item, or a row alone. */
interface Story {
  readonly first: WorstRow;
  readonly others: readonly WorstRow[];
  readonly words: string | null;
}

function storiesOf(worstRows: readonly WorstRow[], { decision }: ScanOutcome): Story[] {
  const read = worstRows.map((row) => {
    const reason = row.reason === null ? undefined : readReason(row.reason, decision.findings);
    return { row, words: reason?.words ?? null, finding: reason?.finding };
  });
  const groups = groupBy(read, ({ row, finding }) => (finding?.scope === 'item' ? finding.id : row));
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ words: first.words, first: first.row, others: others.map(({ row }) => row) }],
  );
}

function placeOf({ shard, row }: WorstRow): Markup {
  return html`${value(clipPath(shard, PATH_LENGTH))}, row ${row}`;
}

function drawOthers(others: readonly WorstRow[]): Markup | null {
  if (others.length === 0) return null;
  const pictures = others.map((row) =>
    [...row.images]
      .slice(0, 1)
      .map(([, image]) => drawImage(image, `${clipPath(row.shard, PATH_LENGTH)}, row ${row.row}`)),
  );
  return html`<p>${count(others.length, 'more row')} of the same among the worst: ${others.map((row, index) => html`${index === 0 ? '' : '; '}${placeOf(row)}`)}.</p><div class="thumbs">${pictures}</div>`;
}

function drawContent(row: WorstRow, roles: ReadonlyMap<string, Role>, isRedacted: boolean): Markup {
  if (isRedacted) return html`<p class="muted">Values left out, as --redact asked.</p>`;
  if (row.values.size === 0 && row.images.size === 0) {
    return html`<p class="muted">No values: its shard has none of the columns that are judged.</p>`;
  }
  return drawCells(row, roles);
}

function drawStory(story: Story, index: number, roles: ReadonlyMap<string, Role>, outcome: ScanOutcome): Markup {
  const { first, others, words } = story;
  const isOpen = index < OPEN_ROWS && outcome.decision.findings.length > 0;
  return html`<details class="card"${isOpen ? html` open` : null}><summary>${index + 1}. ${placeOf(first)}${words === null ? null : html`: ${words}`} ${first.suspect ? html`<span class="tag bad">suspect</span>` : null} <span class="muted">suspicion ${first.suspicion.toFixed(4)}</span></summary>
${drawContent(first, roles, outcome.redacted)}${drawOthers(others)}</details>
`;
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
  const marks = 'Marked is what differs from the row, numbers by more than the standard deviation of the trusted rows';
  return columns.some(({ role }) => role === 'label')
    ? `Beside each stand the trusted rows most like it, out of a sample: one with its own label, and one with the label that a model gives it where that is another. ${marks}: a row with a wrong label differs less from the second. `
    : `Beside each stands the trusted row most like it, out of a sample. ${marks}. `;
}

/** The rows to look at first, beside trusted rows; every batch has some, so without findings they accuse nobody. */
export function worstRowsSection(outcome: ScanOutcome): Markup | null {
  const { worstRows, columns, decision } = outcome;
  if (worstRows.length === 0) return null;
  const roles = new Map(columns.map(({ name, role }) => [name, role]));
  const calm = decision.findings.length === 0 ? 'Every batch has some; nothing here is accused. ' : '';
  const { rows, factor } = brightened(worstRows);
  const lit = factor === 1 ? '' : `Pictures are shown ${factor} times as bright as they are. `;
  return html`<section id="rows" aria-labelledby="rows-title"><h2 id="rows-title">Worst rows</h2>
<p class="muted">${calm}${besideThem(outcome)}${lit}Suspicion goes from 0 to 1; rows are numbered from 0 in each shard; rows.arrow has them all.</p>
${storiesOf(rows, outcome).map((story, index) => drawStory(story, index, roles, outcome))}</section>`;
}
