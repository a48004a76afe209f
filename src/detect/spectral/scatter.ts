import { crossProduct, type Matrix, mainDirections, selectRows, zeros } from '../../linear/index.js';

/** Rows with the class of each, −1 for none. */
export interface ClassedRows {
  /** rows × dims. */
  readonly features: Matrix;
  readonly labels: Int32Array;
}

export function takeClassed({ features, labels }: ClassedRows, chosen: ArrayLike<number>): ClassedRows {
  const own = Int32Array.from(chosen, (row) => labels[row] as number);
  return { features: selectRows(features, chosen), labels: own };
}

/** Rows of one class. */
export function rowsOfClass({ features, labels }: ClassedRows, label: number): Matrix {
  return selectRows(
    features,
    Int32Array.from(labels.keys()).filter((row) => labels[row] === label),
  );
}

/** Means of each class: classes × dims. */
export function meansByClass({ features, labels }: ClassedRows, classes: number): Matrix {
  const { cols, data } = features;
  const sums = new Float64Array(classes * cols);
  const rows = new Float64Array(classes);
  labels.forEach((label, row) => {
    if (label < 0) return;
    rows[label] = (rows[label] as number) + 1;
    for (let d = 0; d < cols; d++) {
      sums[label * cols + d] = (sums[label * cols + d] as number) + (data[row * cols + d] as number);
    }
  });
  const means = zeros(classes, cols);
  sums.forEach((sum, at) => {
    means.data[at] = sum / Math.max(1, rows[Math.floor(at / cols)] as number);
  });
  return means;
}

/** Rows less the mean of their class; those without one are left as they are. */
export function centreByClass({ features, labels }: ClassedRows, means: Matrix): Matrix {
  const { cols } = features;
  const data = features.data.map((value, at) => {
    const label = labels[Math.floor(at / cols)] as number;
    return label < 0 ? value : value - (means.data[label * cols + (at % cols)] as number);
  });
  return { ...features, data };
}

const POWER_STEPS = 20;

/** The directions in which rows differ most, greatest first: dims × rank. */
export function directionsOf(rows: Matrix, rank: number): Matrix {
  const gram = crossProduct(rows, rows);
  return mainDirections({ rows: rows.cols, cols: rows.cols, data: Float32Array.from(gram) }, rank, POWER_STEPS);
}

/** The same of rows as they lie about their mean. */
export function centredDirection(rows: Matrix): Matrix {
  const labels = new Int32Array(rows.rows);
  return directionsOf(centreByClass({ features: rows, labels }, meansByClass({ features: rows, labels }, 1)), 1);
}
