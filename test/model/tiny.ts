import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import { sequential } from '@tensorflow/tfjs-layers';

type Layer = Parameters<ReturnType<typeof sequential>['add']>[0];

/** A folder for one test. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'model-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes model.json and its weights, as `model.save` of TensorFlow.js does. */
export async function saveLayers(folder: string, stack: readonly Layer[], weights?: readonly number[]): Promise<void> {
  let saved: io.ModelArtifacts | undefined;
  await sequential({ layers: [...stack] }).save({
    save: async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  const own = new Uint8Array(saved!.weightData as ArrayBuffer);
  const data = weights === undefined ? own : new Uint8Array(Float32Array.from(weights).buffer);
  if (data.length !== own.length) throw new Error(`this model has ${own.length / 4} weights`);
  await save(folder, saved!.modelTopology as object, saved!.weightSpecs!, data);
}

/** A graph model of one multiplication with a matrix, 3 × 2 unless said otherwise, and more nodes. */
export async function saveGraph(
  folder: string,
  weights: readonly number[],
  more: readonly object[] = [],
): Promise<void> {
  const float = { type: 'DT_FLOAT' };
  const shape = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });
  const matrix = [3, weights.length / 3] as const;
  const node = [
    { name: 'x', op: 'Placeholder', attr: { dtype: float, shape: { shape: shape(-1, 3) } } },
    {
      name: 'w',
      op: 'Const',
      attr: { dtype: float, value: { tensor: { dtype: 'DT_FLOAT', tensorShape: shape(...matrix) } } },
    },
    {
      name: 'y',
      op: 'MatMul',
      input: ['x', 'w'],
      attr: { T: float, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    ...more,
  ];
  const specs = [{ name: 'w', shape: [...matrix], dtype: 'float32' as const }];
  await save(folder, { node, library: {}, versions: {} }, specs, new Uint8Array(Float32Array.from(weights).buffer));
}

async function save(
  folder: string,
  modelTopology: object,
  weights: readonly io.WeightsManifestEntry[],
  data: Uint8Array,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = [{ paths: ['weights.bin'], weights }];
  await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest: manifest }));
  await writeFile(join(folder, 'weights.bin'), data);
}
