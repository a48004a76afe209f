import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../../src/linear/index.js';

/** The native library is optional: what holds without it and with it. */
const native = await import('@tensorflow/tfjs-node' as string).catch(() => undefined);

describe('startBackend', () => {
  it('starts WASM, never the slow JavaScript backend that stands in for it', async () => {
    expect(await startBackend('wasm')).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
  });

  it('keeps what has started when the choice is left open', async () => {
    expect(await startBackend('auto')).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
  });

  it('takes native TensorFlow when told to, or says that it is not there and what to do', async () => {
    if (native !== undefined) {
      expect(await startBackend('native')).toBe('native');
      expect(tf.getBackend()).toBe('tensorflow');
      return;
    }
    await expect(startBackend('native')).rejects.toMatchObject({
      name: 'BadInput',
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(/^tensor backend native cannot be used: \S/),
      remedy: expect.stringContaining('--backend'),
    });
  });

  it('still computes with WASM after a backend that was not there', async () => {
    expect(await startBackend('wasm')).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
    expect(tf.tidy(() => [...tf.add(tf.tensor1d([1, 2]), 1).dataSync()])).toEqual([2, 3]);
  });
});
