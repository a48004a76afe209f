import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * A SavedModel is a file in protocol buffers. Fields are numbered as in TensorFlow's saved_model.proto, meta_graph.proto,
 * graph.proto, node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto.
 */

/** Base 128, least significant first; negative numbers as 64 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const whole = (field: number, value: number) => Buffer.concat([varint(field << 3), varint(value)]);
function message(field: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}
const entry = (field: number, key: string, ...value: Buffer[]) => message(field, message(1, key), message(2, ...value));

const DT_FLOAT = 1;
const shape = (...sizes: number[]) => sizes.map((size) => message(2, whole(1, size)));
const type = (name: string) => entry(5, name, whole(6, DT_FLOAT));
const no = (name: string) => entry(5, name, whole(5, 0));

/** Writes a SavedModel that multiplies rows with a matrix of `weights.length / inputs` columns. */
export function writeSavedModel(folder: string, weights: readonly number[], inputs: number): void {
  const outputs = weights.length / inputs;
  const tensor = [whole(1, DT_FLOAT), message(2, ...shape(inputs, outputs))];
  const values = message(4, Buffer.from(Float32Array.from(weights).buffer));
  const nodes = [
    [message(1, 'x'), message(2, 'Placeholder'), type('dtype'), entry(5, 'shape', message(7, ...shape(-1, inputs)))],
    [message(1, 'w'), message(2, 'Const'), type('dtype'), entry(5, 'value', message(8, ...tensor, values))],
    [
      ...[message(1, 'y'), message(2, 'MatMul'), message(3, 'x'), message(3, 'w')],
      ...[type('T'), no('transpose_a'), no('transpose_b')],
    ],
  ];
  const info = (name: string, columns: number) => [
    ...[message(1, `${name}:0`), whole(2, DT_FLOAT), message(3, ...shape(-1, columns))],
  ];
  const signature = [
    entry(1, 'x', ...info('x', inputs)),
    entry(2, 'y', ...info('y', outputs)),
    message(3, 'tensorflow/serving/predict'),
  ];
  const meta = message(1, message(4, 'serve'), message(5, '2.0.0'));
  const graph = message(2, ...nodes.map((node) => message(1, ...node)), message(4, whole(1, 24)));
  const model = [whole(1, 1), message(2, meta, graph, entry(5, 'serving_default', ...signature))];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'saved_model.pb'), Buffer.concat(model));
}
