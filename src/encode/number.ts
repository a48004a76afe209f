import type { Vector } from 'apache-arrow';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { readNumbers } from './columns.js';
import type { FeatureBlock } from './feature-block.js';

export interface NumberModel {
  readonly kind: 'number';
  readonly mean: number;
  readonly deviation: number;
  /** Trusted rows have missing cells: the column has a flag of its own for them. */
  readonly hasMissing: boolean;
}

/** Beyond this many standard deviations a number counts logarithmically, so that one cell cannot own a fit. */
const LINEAR_DEVIATIONS = 5;
const GREATEST_DEVIATIONS = 1e6;
/** Greater ones, marks for "missing" as a rule, would overflow the variance. */
const GREATEST_FITTED = 1e150;

export function fitNumber(column: Vector, distinct: Int32Array): NumberModel {
  const all = readNumbers(column);
  const values = Array.from(distinct, (row) => all[row] as number).filter((value) => Math.abs(value) < GREATEST_FITTED);
  const deviation = values.length < 2 ? 0 : sampleStandardDeviation(values);
  const hasMissing = distinct.some((row) => Number.isNaN(all[row]));
  return { kind: 'number', mean: values.length === 0 ? 0 : mean(values), deviation, hasMissing };
}

/** The standardised value, and a missing flag where trusted rows need one. */
export function numberWidth({ hasMissing }: NumberModel): number {
  return hasMissing ? 2 : 1;
}

export function encodeNumber(model: NumberModel, column: Vector, { features, offset, missing }: FeatureBlock): void {
  const values = readNumbers(column);
  const { data, cols } = features;
  for (let row = 0, at = 0; row < values.length; row++, at += cols) {
    const value = values[row] as number;
    if (Number.isNaN(value)) data[at + missing] = (data[at + missing] as number) + 1;
    else data[at + offset] = standardise(value, model);
  }
}

function standardise(value: number, { mean: centre, deviation }: NumberModel): number {
  // A constant column says nothing until a row departs from it; then it departs by the linear limit.
  if (deviation === 0) return value === centre ? 0 : Math.sign(value - centre) * LINEAR_DEVIATIONS;
  const z = Math.max(-GREATEST_DEVIATIONS, Math.min(GREATEST_DEVIATIONS, (value - centre) / deviation));
  const excess = Math.abs(z) - LINEAR_DEVIATIONS;
  return excess <= 0 ? z : Math.sign(z) * (LINEAR_DEVIATIONS + Math.log1p(excess));
}

/** Deviations from the mean, linear again beyond the limit: the inverse of what encoding does to them. */
export function deviationsOf(encoded: number): number {
  const excess = Math.abs(encoded) - LINEAR_DEVIATIONS;
  return excess <= 0 ? encoded : Math.sign(encoded) * (LINEAR_DEVIATIONS + Math.expm1(excess));
}
