import { medianAbsoluteDeviation, medianSorted } from 'simple-statistics';
import { type ClassedRows, centreByClass, centredDirection, meansByClass } from '../../src/detect/spectral/scatter.js';
import { type Matrix, multiply, selectRows } from '../../src/linear/index.js';

const LEAST_ROWS = 30;

/**
 * Spectral signatures as they are used without trusted rows (Tran et al. 2018), centred by class and robustly scaled:
 * squared deviations, in units of the median absolute one, along the direction in which the rows of the class differ most.
 * NaN in classes of fewer than 30 rows.
 */
export function spectralScores(batch: ClassedRows, classes: number): Float64Array {
  const rows = centreByClass(batch, meansByClass(batch, classes));
  const scores = new Float64Array(batch.labels.length).fill(Number.NaN);
  for (let label = 0; label < classes; label++) {
    const own = [...batch.labels.keys()].filter((row) => batch.labels[row] === label);
    if (own.length < LEAST_ROWS) continue;
    const placed = placeAlong(selectRows(rows, own));
    own.forEach((row, at) => {
      scores[row] = (placed[at] as number) ** 2;
    });
  }
  return scores;
}

/** Where rows lie along their main direction, from its median, in median absolute deviations. */
function placeAlong(rows: Matrix): Float64Array {
  const places = Float64Array.from(multiply(rows, centredDirection(rows)).data);
  const median = medianSorted([...places].sort((a, b) => a - b));
  const deviation = medianAbsoluteDeviation([...places]) || 1;
  return places.map((place) => (place - median) / deviation);
}
