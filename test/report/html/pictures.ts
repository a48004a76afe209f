import type { Picture, RowImage, ScanOutcome } from '../../../src/report/index.js';
import { outcomeOf, twoBadShards } from '../outcomes.js';

const BINS = 20;

/** A digit-like picture of k × k pixels. */
function imageOf(side: number, channels: 1 | 3 = 1): RowImage {
  const pixels = Uint8Array.from({ length: side * side * channels }, (_, at) => (at * 37) % 256);
  return { width: side, height: side, channels, pixels };
}

export const picture: Picture = {
  distributions: (['label-flip', 'outlier'] as const).map((kind) => ({
    kind,
    from: -6,
    to: 8,
    batch: Array.from({ length: BINS }, (_, bin) => (bin === BINS - 1 ? 60 : 2 ** (BINS - bin))),
    trusted: Array.from({ length: BINS }, (_, bin) => 2 ** (BINS - bin) - 1),
  })),
  map: {
    points: Array.from({ length: 300 }, (_, index) => ({
      x: Math.sin(index) * (index % 50),
      y: Math.cos(index) * (index % 50),
      shard: index % 3 === 0 ? null : 'shard-003.csv',
      row: index,
      label: 'sun',
      suspicion: (index % 100) / 100,
      suspect: index % 3 !== 0 && index % 20 === 0,
    })),
    batchRows: 600,
    trustedRows: 1500,
  },
};

/** With everything a page can show. */
export const illustrated: ScanOutcome = {
  ...twoBadShards,
  picture,
  columns: [...twoBadShards.columns, { name: 'photo', role: 'image', type: 'FixedSizeList[64]<Uint8>', guessed: true }],
  worstRows: twoBadShards.worstRows.map((row, index) => ({
    ...row,
    images: new Map([['photo', imageOf(8, index % 2 === 0 ? 1 : 3)]]),
    neighbour: {
      label: index === 1 ? 'rain' : 'sun',
      sharesLabel: index !== 1,
      alike: new Set(),
      values: new Map([
        ['temp_max', '30.1'],
        ['precipitation', '10.9'],
        ['weather', 'sun'],
      ]),
      images: new Map([['photo', imageOf(8)]]),
    },
    lookalike:
      index === 0
        ? {
            label: 'rain',
            sharesLabel: false,
            alike: new Set(['temp_max']),
            values: new Map([
              ['temp_max', '12.9'],
              ['weather', 'rain'],
            ]),
            images: new Map([['photo', imageOf(8)]]),
          }
        : null,
  })),
};

/** A wide batch: more of everything than a page should show. */
export const wide: ScanOutcome = (() => {
  const columns = Array.from({ length: 3000 }, (_, index) => `measurement of quantity ${index}`);
  const outcome = outcomeOf(['wide.csv']);
  const values = new Map(columns.map((name) => [name, 'v'.repeat(200)]));
  return {
    ...outcome,
    columns: columns.map((name) => ({ name, role: 'feature', type: 'Utf8', guessed: true })),
    worstRows: outcome.worstRows.map((row) => ({
      ...row,
      values,
      images: new Map([['photo', imageOf(224, 3)]]),
      neighbour: {
        label: null,
        sharesLabel: true,
        alike: new Set(),
        values,
        images: new Map([['photo', imageOf(224, 3)]]),
      },
    })),
  };
})();
