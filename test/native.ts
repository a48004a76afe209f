import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const binding = new URL('../node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node', import.meta.url);

/** A package without its compiled part is as good as absent; one that does not load shall fail where it is used. */
export const isNativeInstalled = existsSync(fileURLToPath(binding));
/** To put behind the name of a test that needs it. */
export const unlessNative = isNativeInstalled
  ? ''
  : ' (NOT RUN: native TensorFlow is not installed, see `npm run native`)';
