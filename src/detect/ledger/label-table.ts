import { highHalf, joinHalves, lowHalf, scramble } from '../../encode/index.js';
import { CopyTable } from './copy-table.js';

const ANY_LABEL = -1;

function withLabel(digest: number, label: number): number {
  const high = highHalf(digest);
  const salt = Math.imul(label + 2, 0x9e3779b1);
  return joinHalves(scramble(high ^ salt), scramble(lowHalf(digest, high) ^ ~salt));
}

/** Labelled rows that equal a row, itself left out, and how many of them have its label. */
export interface Others {
  readonly rows: number;
  readonly alike: number;
}

/** The label of a row beside those of its equals. */
interface Equals {
  /** At most half of all of them, itself counted, have it. */
  readonly contradict: boolean;
  readonly trusted: Others;
}

/** How many of equal rows have each label. */
export class LabelTable {
  readonly #table: CopyTable;
  /** Of so many groups one is counted, with all its labels. */
  readonly #every: number;

  constructor(rows: number) {
    this.#every = CopyTable.everyOf(2 * rows);
    this.#table = new CopyTable(Math.ceil((2 * rows) / this.#every));
  }

  add(digest: number, label: number, isTrusted: boolean): void {
    if (!this.#isCounted(digest)) return;
    this.#table.add(withLabel(digest, label), isTrusted);
    this.#table.add(withLabel(digest, ANY_LABEL), isTrusted);
  }

  /** Undefined where a row has no equals that are labelled. */
  equalsOf(digest: number, label: number, isTrusted: boolean): Equals | undefined {
    if (!this.#isCounted(digest)) return undefined;
    const all = this.#table.countsOf(withLabel(digest, ANY_LABEL));
    const alike = this.#table.countsOf(withLabel(digest, label));
    const together = all.rows + all.trustedRows;
    if (together < 2) return undefined;
    const self = isTrusted ? 1 : 0;
    return {
      contradict: 2 * (alike.rows + alike.trustedRows) <= together,
      trusted: { rows: all.trustedRows - self, alike: alike.trustedRows - self },
    };
  }

  #isCounted(digest: number): boolean {
    return (highHalf(digest) & (this.#every - 1)) === 0;
  }
}
