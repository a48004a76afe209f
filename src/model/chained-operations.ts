import * as tf from '@tensorflow/tfjs-core';

/**
 * Gives tensors the methods that layers call on them (`tensor.flatten()`): as built for Node, TensorFlow.js leaves them
 * out, and recurrent layers fail without.
 */
export function addChainedOperations(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>;
  for (const [name, operation] of Object.entries(tf)) {
    if (typeof operation !== 'function' || !/^[a-z]/.test(name) || name in prototype) continue;
    const call = operation as (...parameters: unknown[]) => unknown;
    prototype[name] = function chained(this: tf.Tensor, ...rest: unknown[]) {
      return call(this, ...rest);
    };
  }
  prototype['flatten'] ??= function flatten(this: tf.Tensor) {
    return tf.reshape(this, [this.size]);
  };
}
