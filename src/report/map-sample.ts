import { createHash } from 'node:crypto';
import type { Baseline } from '../baseline/index.js';
import { scramble } from '../encode/index.js';
import type { ShardMarks } from '../mark/index.js';
import type { MapPoint, Picture } from './types.js';

/** More dots than these hide one another. */
const MOST_POINTS = 1500;

interface Candidate {
  readonly key: number;
  readonly point: MapPoint;
}

/** The points of least key of all that were added, whatever the order; memory for twice as many. */
class LeastKeys {
  #kept: Candidate[] = [];
  #limit = Number.POSITIVE_INFINITY;

  constructor(readonly most: number) {}

  add(key: number, point: () => MapPoint): void {
    if (key > this.#limit) return;
    this.#kept.push({ key, point: point() });
    if (this.#kept.length >= 2 * this.most) this.#cut();
  }

  #cut(): void {
    this.#kept.sort((a, b) => a.key - b.key || compareRows(a.point, b.point));
    this.#kept.length = Math.min(this.#kept.length, this.most);
    if (this.#kept.length === this.most) this.#limit = this.#kept.at(-1)?.key ?? this.#limit;
  }

  points(): MapPoint[] {
    this.#cut();
    return this.#kept.map(({ point }) => point);
  }
}

function compareRows(a: MapPoint, b: MapPoint): number {
  if (a.shard === b.shard) return a.row - b.row;
  return (a.shard ?? '') < (b.shard ?? '') ? -1 : 1;
}

/** Samples rows for the map as they go by: suspects and others apart, each by a hash of shard and row. */
export class MapSample {
  readonly #suspects = new LeastKeys(MOST_POINTS);
  readonly #others = new LeastKeys(MOST_POINTS);
  #rows = 0;

  constructor(readonly baseline: Pick<Baseline, 'map' | 'classes' | 'rows'>) {}

  add({ shard, suspicion, suspect, labels, places }: ShardMarks): void {
    const seed = createHash('sha256').update(shard).digest().readInt32LE();
    const rows = places.length / 2;
    this.#rows += rows;
    for (let row = 0; row < rows; row++) {
      const isSuspect = suspect[row] === 1;
      (isSuspect ? this.#suspects : this.#others).add(hashRow(seed, row), () => ({
        x: places[2 * row] as number,
        y: places[2 * row + 1] as number,
        shard,
        row,
        label: this.#labelOf(labels[row]),
        suspicion: suspicion[row] as number,
        suspect: isSuspect,
      }));
    }
  }

  /** Null where the baseline has no map. */
  get map(): Picture['map'] {
    const { map, rows: trustedRows } = this.baseline;
    if (map === null) return null;
    const trusted = Array.from(map.labels, (label, row) => ({
      x: map.places[2 * row] as number,
      y: map.places[2 * row + 1] as number,
      shard: null,
      row,
      label: this.#labelOf(label),
      suspicion: 0,
      suspect: false,
    }));
    const points = [...trusted, ...this.#others.points(), ...this.#suspects.points()];
    return { points, batchRows: this.#rows, trustedRows };
  }

  #labelOf(label: number | undefined): string | null {
    return this.baseline.classes[label ?? -1] ?? null;
  }
}

/** Differs for all rows of a shard (MurmurHash3's finaliser). */
function hashRow(seed: number, row: number): number {
  return scramble(seed + Math.imul(row, 0x9e3779b1));
}
