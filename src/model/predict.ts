import * as tf from '@tensorflow/tfjs-core';
import { unusable } from './files.js';
import { type LoadedModel, lineOf, REMEDY } from './load.js';
import type { ModelRows } from './types.js';

const ONE = 'Use a model with one input and one output, and a row for a row.';

/** What the model makes of the rows. @throws BadInput MODEL_UNUSABLE */
export function predict(name: string, model: LoadedModel, input: ModelRows): ModelRows {
  const [expected, another] = model.inputs;
  if (expected === undefined || another !== undefined) {
    throw unusable(name, `it takes ${model.inputs.length} inputs`, ONE);
  }
  const shape = shapeFor(name, expected.shape ?? null, input);
  const output = tf.tidy(() => {
    const flat = tf.tensor2d(input.values, [input.rows, input.size]);
    const rows = tf.reshape(/^(DT_)?int/i.test(expected.dtype) ? tf.cast(flat, 'int32') : flat, shape);
    return soleOutput(name, run(name, model, rows), input.rows);
  });
  const values = Float32Array.from(output.dataSync());
  output.dispose();
  return { rows: input.rows, size: values.length / input.rows, values };
}

function run(name: string, model: LoadedModel, rows: tf.Tensor): unknown {
  try {
    return model.predict(rows);
  } catch (cause) {
    throw unusable(name, `it fails on rows: ${lineOf(cause)}`, REMEDY, cause);
  }
}

/** Rows with the model's shape of a row, where it says one. */
function shapeFor(name: string, shape: readonly (number | null)[] | null, { rows, size }: ModelRows): number[] {
  const row = shape?.slice(1) ?? [];
  const isOpen = row.some((length) => length === null || length < 0);
  if (row.length === 0 || (isOpen && row.length === 1)) return [rows, size];
  const wanted = row.reduce((product: number, length) => product * (length ?? 1), 1);
  if (!isOpen && wanted === size) return [rows, ...(row as number[])];
  const said = `[${row.map((length) => (length === null || length < 0 ? 'any' : length)).join(', ')}]`;
  throw unusable(name, `it takes ${said} numbers a row, its inputs have ${size}`, 'Correct `inputs` in the contract.');
}

function soleOutput(name: string, output: unknown, rows: number): tf.Tensor {
  const outputs = output instanceof tf.Tensor ? [output] : Object.values(output as object);
  const [only] = outputs as tf.Tensor[];
  if (only === undefined || outputs.length > 1) throw unusable(name, `it gives ${outputs.length} outputs`, ONE);
  if (only.shape[0] !== rows) throw unusable(name, `it gives [${only.shape.join(', ')}] for ${rows} rows`, ONE);
  return only;
}
