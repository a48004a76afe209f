import type { SpectralModel } from '../../detect/index.js';
import { assertMatrix, matrix } from './picture-shape.js';
import { arrayOf, Misshapen, record, type Shape } from './shape.js';

/** What rows of each class have in common, of a baseline with so many classes. */
export function spectralShape(classes: number): Shape {
  const usual = record<SpectralModel['usual']>({ features: matrix, labels: arrayOf(Int32Array) });
  const whole = record<SpectralModel>({ basis: matrix, whitening: matrix, means: matrix, usual });
  return (value, at) => {
    whole(value, at);
    const { basis, whitening, means, usual: kept } = value as SpectralModel;
    const parts = { basis, whitening, means, kept: kept.features };
    for (const [name, part] of Object.entries(parts)) assertMatrix(part, `${at}.${name}`);
    const rank = basis.cols;
    const fits = [whitening.rows, whitening.cols, means.cols, kept.features.cols].every((size) => size === rank);
    if (!fits || means.rows !== classes || kept.labels.length !== kept.features.rows) {
      throw new Misshapen(`${at} does not fit ${classes} classes`);
    }
  };
}
