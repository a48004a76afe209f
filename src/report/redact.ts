import type { ScanOutcome } from './types.js';

const NO_CELLS = { values: new Map(), images: new Map(), neighbour: null, lookalike: null };

/**
 * The outcome without a cell of any row; findings lose theirs before anything is decided (ScanRequest.redact). Names of
 * judged classes, sources and columns stay: findings cannot be told without.
 */
export function redactOutcome(outcome: ScanOutcome): ScanOutcome {
  return {
    ...outcome,
    worstRows: outcome.worstRows.map((row) => ({ ...row, ...NO_CELLS })),
    picture: outcome.picture && {
      ...outcome.picture,
      map: outcome.picture.map && {
        ...outcome.picture.map,
        points: outcome.picture.map.points.map((point) => ({ ...point, label: null })),
      },
    },
    redacted: true,
  };
}
