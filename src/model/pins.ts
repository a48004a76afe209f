import { resolve } from 'node:path';
import { BadInput, Bug } from '../errors.js';
import type { PinnedContract } from '../verify/index.js';
import { type ModelFiles, modelDigest, readModelFiles } from './files.js';
import type { ModelPin } from './types.js';

/** The models of a contract. */
export function modelPins(contract: PinnedContract | undefined): ModelPin[] {
  return (contract?.contract.models ?? []).map((model) => {
    const root = contract?.folder ?? undefined;
    if (root === undefined) throw new Bug('a contract with models was not read from a file');
    return { ...model, root, file: resolve(root, model.path) };
  });
}

/**
 * Reads a model's files, which are then what the contract says.
 * @throws BadInput MODEL_CHANGED, PATH_MISSING, MODEL_UNUSABLE; Transient READ_FAILED
 */
export async function readPinned({ name, path, sha256: pinned, format, file, root }: ModelPin): Promise<ModelFiles> {
  const files = await readModelFiles(file, format, name, root);
  const actual = modelDigest(files);
  if (actual !== pinned) throw new BadInput('MODEL_CHANGED', { name, path, actual, pinned });
  return files;
}

/** Before anything else is done: all models are there and what the contract says. @throws as readPinned */
export async function verifyModels(contract: PinnedContract | undefined): Promise<void> {
  for (const pin of modelPins(contract)) await readPinned(pin);
}
