import { meanOf, rankAmong } from '../ranks.js';
import type { PureItem } from './pure-items.js';
import { type RankEvidence, weighRanks } from './rank-evidence.js';

const MOST_LOOKED_AT = 200;

/** Scores of a class, of every row by a model that has not seen it. */
export class UsualScores {
  readonly #own: Float64Array;
  readonly #others: Float64Array;
  /** Mean rank of the rows of the class among the others. */
  readonly rank: number;

  constructor(scores: Float64Array, labels: Int32Array, target: number) {
    this.#own = scores.filter((_, row) => labels[row] === target).sort();
    this.#others = scores.filter((_, row) => labels[row] !== target && (labels[row] as number) >= 0).sort();
    this.rank = meanOf(this.#own.map((score) => rankAmong(this.#others, score)));
  }

  /** Half way between the middle row of the class and that of the others. */
  get middle(): number {
    return (middleOf(this.#own) + middleOf(this.#others)) / 2;
  }

  /** By some of the item's carriers: rows are in an order that says nothing of them. */
  weigh({ own }: Pick<PureItem, 'own'>, scoreOf: (row: number) => number, most = MOST_LOOKED_AT): RankEvidence {
    return weighRanks(Float64Array.from(own.subarray(0, most), scoreOf), this.#others, this.#own);
  }
}

function middleOf(ascending: Float64Array): number {
  return ascending[ascending.length >> 1] ?? 0;
}
