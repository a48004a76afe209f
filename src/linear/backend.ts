import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { BadInput } from '../errors.js';

export type BackendChoice = 'auto' | 'wasm' | 'native';
export type Backend = 'wasm' | 'native';

/** A name, not a literal to import: the package is optional. */
const NATIVE: string = '@tensorflow/tfjs-node';

let started: Backend | undefined;

/**
 * Starts the tensor backend once per process and says which one it is.
 * `auto` takes native TensorFlow where its library loads and works, and WASM elsewhere.
 * @throws BadInput BACKEND_UNAVAILABLE when a forced backend does not start.
 */
export async function startBackend(choice: BackendChoice): Promise<Backend> {
  if (started !== undefined && (choice === 'auto' || choice === started)) return started;
  const isTried = choice === 'native' || (choice === 'auto' && hasAddon());
  started = isTried ? await startNative().catch((cause: unknown) => fallBack(choice, cause)) : await startWasm();
  return started;
}

/** Whether the package's compiled part is there: where nobody installed it, loading the rest takes long to find that out. */
function hasAddon(): boolean {
  try {
    const entry = createRequire(import.meta.url).resolve(NATIVE);
    return existsSync(join(dirname(entry), '..', 'lib'));
  } catch {
    return false;
  }
}

function fallBack(choice: BackendChoice, cause: unknown): Promise<Backend> {
  if (choice === 'native') throw unavailable('native', cause);
  return startWasm();
}

async function startNative(): Promise<Backend> {
  restoreRemovedFunction();
  await import(NATIVE);
  await selectBackend('tensorflow');
  // A library that loads and cannot multiply is found out here, where there still is another backend.
  tf.tidy(() => tf.matMul(tf.ones([1, 1]), tf.ones([1, 1])).dataSync()[0]);
  return 'native';
}

/** Whether WebAssembly has vector instructions here; without them WASM tensors are several times slower. */
export async function hasSimd(): Promise<boolean> {
  return (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
}

/** tfjs-node 4.22 calls this function in every operation; Node 23 took it away. */
function restoreRemovedFunction(): void {
  if ('isNullOrUndefined' in util) return;
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}

async function startWasm(): Promise<Backend> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(entry) + sep);
  setThreadsCount(1);
  try {
    await selectBackend('wasm');
  } catch (cause) {
    throw unavailable('wasm', cause);
  }
  return 'wasm';
}

// tfjs falls back to a JavaScript backend 30 to 150 times slower without a word.
async function selectBackend(name: string): Promise<void> {
  const accepted = await tf.setBackend(name);
  await tf.ready();
  if (!accepted || tf.getBackend() !== name) throw new Error(`TensorFlow.js uses ${tf.getBackend()} instead`);
}

function unavailable(backend: Backend, cause: unknown): BadInput {
  const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  return new BadInput('BACKEND_UNAVAILABLE', { backend, detail }, cause);
}
