import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { messageOf } from '../errors.js';
import type { Backend } from '../linear/index.js';
import { withScratch } from '../store/index.js';
import { addChainedOperations } from './chained-operations.js';
import { type ModelFiles, parseJson, unusable } from './files.js';
import type { ModelPin } from './types.js';

/** What the three formats have in common. */
export interface LoadedModel {
  readonly inputs: readonly { readonly shape?: readonly (number | null)[]; readonly dtype: string }[];
  predict(rows: tf.Tensor): unknown;
}

/** @throws BadInput MODEL_UNUSABLE */
export async function loadModel(pin: ModelPin, files: ModelFiles, backend: Backend): Promise<LoadedModel> {
  try {
    if (pin.format === 'saved-model') return await loadSavedModel(pin, files, backend);
    const handler = { load: () => artifactsOf(pin, files) };
    if (pin.format === 'graph') return (await loadGraphModel(handler)) as LoadedModel;
    addChainedOperations();
    return (await loadLayersModel(handler)) as unknown as LoadedModel;
  } catch (cause) {
    if (cause instanceof Error && 'remedy' in cause) throw cause;
    throw unusable(pin.name, `it cannot be loaded: ${lineOf(cause)}`, REMEDY, cause);
  }
}

export const REMEDY = 'Check its format, and that it has no operations or layers of its own.';

/** What TensorFlow.js says, on one line and not too long. */
export function lineOf(cause: unknown): string {
  return messageOf(cause).replace(/\s+/g, ' ').slice(0, 300);
}

function artifactsOf({ name, file }: ModelPin, files: ModelFiles): Promise<tf.io.ModelArtifacts> {
  const json = files.get(file.slice(dirname(file).length + 1)) ?? Buffer.alloc(0);
  const model = parseJson(json, name) as unknown as tf.io.ModelJSON;
  return tf.io.getModelArtifactsForJSON(model, async (manifest) => {
    const weights = manifest.flatMap(({ paths }) => paths.map((path) => files.get(path) ?? Buffer.alloc(0)));
    const all = Buffer.concat(weights);
    return [
      tf.io.getWeightSpecs(manifest),
      all.buffer.slice(all.byteOffset, all.byteOffset + all.length) as ArrayBuffer,
    ];
  });
}

/** Lengths are messages of protocol buffers, whatever the types of the library say. */
interface SavedModel extends Pick<LoadedModel, 'predict'> {
  readonly inputs: readonly { readonly shape: readonly { getSize(): number }[]; readonly dtype: string }[];
}

interface NativeTensorflow {
  readonly node: { loadSavedModel(path: string): Promise<SavedModel> };
}

/** From a copy of the very bytes that the digest vouches for. */
async function loadSavedModel({ name }: ModelPin, files: ModelFiles, backend: Backend): Promise<LoadedModel> {
  if (backend !== 'native') {
    const remedy = 'See `taster doctor`, or convert it with tensorflowjs_converter to a graph model.';
    throw unusable(name, 'a SavedModel runs on native TensorFlow only, and this scan uses WASM', remedy);
  }
  const library: string = '@tensorflow/tfjs-node';
  const { node } = ((await import(library)) as { readonly default: NativeTensorflow }).default;
  return withScratch(tmpdir(), async (folder) => {
    for (const [path, content] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const model = await node.loadSavedModel(folder);
    const inputs = model.inputs.map(({ shape, dtype }) => ({ shape: shape.map((length) => length.getSize()), dtype }));
    return { inputs, predict: (rows) => model.predict(rows) };
  });
}
