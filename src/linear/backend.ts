import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { BadInput } from '../errors.js';

export type BackendChoice = 'auto' | 'wasm' | 'native';
export type Backend = 'wasm' | 'native';

let started: Backend | undefined;

/**
 * Starts the tensor backend once per process and says which one it is.
 * `auto` takes native TensorFlow where its library loads and WASM elsewhere.
 * @throws BadInput BACKEND_UNAVAILABLE when a forced backend does not start.
 */
export async function startBackend(choice: BackendChoice): Promise<Backend> {
  if (started !== undefined && (choice === 'auto' || choice === started)) return started;
  started =
    choice === 'wasm' ? await startWasm() : await startNative().catch((cause: unknown) => fallBack(choice, cause));
  return started;
}

function fallBack(choice: BackendChoice, cause: unknown): Promise<Backend> {
  if (choice === 'native') throw unavailable('native', cause);
  return startWasm();
}

async function startNative(): Promise<Backend> {
  const name: string = '@tensorflow/tfjs-node';
  await import(name);
  await selectBackend('tensorflow');
  return 'native';
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
