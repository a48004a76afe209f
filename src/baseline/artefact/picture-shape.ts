import type { RowImage } from '../../encode/index.js';
import type { Matrix, PrincipalPlane } from '../../linear/index.js';
import type { Exemplar, Exemplars } from '../exemplars.js';
import type { TrustedMap } from '../map.js';
import { arrayOf, count, listOf, Misshapen, mapOf, record, type Shape, text } from './shape.js';

const floats = arrayOf(Float32Array);

export const matrix = record<Matrix>({ rows: count, cols: count, data: floats });

export function assertMatrix(value: Matrix, at: string): void {
  if (value.data.length !== value.rows * value.cols) throw new Misshapen(`${at} is not ${value.rows} × ${value.cols}`);
}

function labelOf(classes: number): Shape {
  return (value, at) => {
    const isLabel = Number.isInteger(value) && (value as number) >= -1 && (value as number) < classes;
    if (!isLabel) throw new Misshapen(`${at} is not one of ${classes} classes`);
  };
}

const plane = record<PrincipalPlane>({ directions: matrix, centre: arrayOf(Float32Array, 2) });

/** What rows are drawn by. */
export function mapShape(classes: number): Shape {
  const isLabel = labelOf(classes);
  const whole = record<TrustedMap>({ plane, places: floats, labels: arrayOf(Int32Array) });
  return (value, at) => {
    whole(value, at);
    const { plane: own, places, labels } = value as TrustedMap;
    assertMatrix(own.directions, `${at}.plane.directions`);
    if (own.directions.cols !== 2 || places.length !== 2 * labels.length)
      throw new Misshapen(`${at} is not of a plane`);
    for (const label of labels) isLabel(label, `${at}.labels`);
  };
}

const image: Shape = (value, at) => {
  record<RowImage>({ width: count, height: count, channels: count, pixels: arrayOf(Uint8Array) })(value, at);
  const { width, height, channels, pixels } = value as RowImage;
  const isWhole = (channels === 1 || channels === 3) && pixels.length === width * height * channels;
  if (!isWhole || pixels.length === 0) throw new Misshapen(`${at} is no picture`);
};

/** Trusted rows with their values. */
export function exemplarsShape(classes: number): Shape {
  const exemplar = record<Exemplar>({ label: labelOf(classes), values: mapOf(text), images: mapOf(image) });
  const whole = record<Exemplars>({ rows: listOf(exemplar), features: matrix });
  return (value, at) => {
    whole(value, at);
    const { rows, features } = value as Exemplars;
    assertMatrix(features, `${at}.features`);
    if (features.rows !== rows.length) throw new Misshapen(`${at} has features of other rows`);
  };
}
