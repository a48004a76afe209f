import type { Neighbour, Role, WorstRow } from '../types.js';
import { count } from '../wording.js';
import { drawImage } from './image.js';
import { clip, clipPath, html, type Markup, value } from './markup.js';

/** Columns beyond these wait for a click, unless they differ. */
const MOST_SHOWN = 10;
const MOST_COLUMNS = 30;
const MOST_IMAGES = 2;
const NAME_LENGTH = 80;
const LABEL_LENGTH = 24;
const CELL_LENGTH = 240;

/** What a person looks for first in a row. */
const firstRoles: readonly Role[] = ['label', 'text', 'prompt', 'response', 'source', 'id', 'group'];
/** Columns that differ from row to row whatever is in them: a mark would say nothing. */
const ownRoles: ReadonlySet<Role> = new Set(['id', 'source', 'group', 'text', 'prompt', 'response']);

/** A trusted row to stand beside another, with what is written above it. */
interface Beside {
  readonly name: string;
  readonly row: Neighbour;
}

interface Cell {
  readonly column: string;
  readonly role: Role;
  readonly own: string;
  /** Of the rows beside it. */
  readonly others: readonly { readonly name: string; readonly text: string | undefined; readonly differs: boolean }[];
}

function besidesOf({ neighbour, lookalike }: WorstRow): Beside[] {
  const named = (row: Neighbour, name: string) => ({ row, name });
  const labelled = ({ label }: Neighbour) => `trusted row labelled ${clip(label ?? '', LABEL_LENGTH)}`;
  const own =
    neighbour === null ? [] : [named(neighbour, neighbour.label === null ? 'trusted row' : labelled(neighbour))];
  const isSame = lookalike?.label === neighbour?.label;
  return lookalike === null || isSame ? own : [...own, named(lookalike, `${labelled(lookalike)}, which it looks like`)];
}

function cellsOf({ values }: WorstRow, besides: readonly Beside[], roles: ReadonlyMap<string, Role>): Cell[] {
  const rank = ({ role, others }: Cell) => {
    const place = firstRoles.indexOf(role);
    return (place < 0 ? firstRoles.length : place) + (others.some(({ differs }) => differs) ? 0 : 0.5);
  };
  return [...values]
    .map(([column, own]): Cell => {
      const role = roles.get(column) ?? 'ignore';
      const others = besides.map(({ name, row }) => {
        const text = row.values.get(column);
        return {
          name,
          text,
          differs: text !== undefined && text !== own && !ownRoles.has(role) && !row.alike.has(column),
        };
      });
      return { column, role, own, others };
    })
    .sort((a, b) => rank(a) - rank(b));
}

function drawImages({ images, shard, row }: WorstRow, besides: readonly Beside[]): Markup[] {
  return [...images].slice(0, MOST_IMAGES).map(([column, image]) => {
    const name = clip(column, NAME_LENGTH);
    const others = besides.flatMap(({ name: whose, row: other }) => {
      const picture = other.images.get(column);
      return picture === undefined ? [] : [{ whose, picture }];
    });
    return html`<div class="pixel-pair"><figure>${drawImage(image, `${name} of ${clipPath(shard, 60)}, row ${row}`)}<figcaption>${value(name)} of this row</figcaption></figure>${others.map(({ whose, picture }) => html`<figure>${drawImage(picture, `${name} of the ${whose}`)}<figcaption>${whose}</figcaption></figure>`)}</div>`;
  });
}

function drawTable(cells: readonly Cell[], besides: readonly Beside[]): Markup {
  return html`<table class="compare"><thead><tr><th scope="col">column</th><th scope="col">this row</th>${besides.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${cells.map(({ column, own, others }) => {
  return html`<tr><th scope="row">${value(clip(column, NAME_LENGTH))}</th><td dir="auto" data-from="this row">${clip(own, CELL_LENGTH)}</td>${others.map(({ name, text, differs }) => html`<td${differs ? html` class="differs"` : null} dir="auto" data-from="${name}">${text === undefined ? '-' : clip(text, CELL_LENGTH)}</td>`)}</tr>
`;
})}</tbody></table>`;
}

/** A row's pictures and cells beside those of trusted rows, what tells it apart first. */
export function drawCells(row: WorstRow, roles: ReadonlyMap<string, Role>): Markup {
  const besides = besidesOf(row);
  const cells = cellsOf(row, besides, roles);
  const shown = cells.slice(0, MOST_SHOWN);
  const folded = cells.slice(MOST_SHOWN, MOST_COLUMNS);
  const rest = cells.length - shown.length - folded.length;
  const title = `${count(cells.length - shown.length, 'more column')}`;
  return html`${drawImages(row, besides)}${shown.length === 0 ? null : drawTable(shown, besides)}${
    folded.length === 0
      ? null
      : html`<details><summary>${title}</summary>${drawTable(folded, besides)}${rest > 0 ? html`<p class="muted">and ${count(rest, 'more column')}</p>` : null}</details>`
  }`;
}
