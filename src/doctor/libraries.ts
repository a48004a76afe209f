import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Library } from '../schema/index.js';

const shown = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node',
  'apache-arrow',
  'parquet-wasm',
];

/** The installed version of a package; null when it is not installed. Never loads the package. */
export function versionOf(name: string): string | null {
  // Packages that declare exports do not let their package.json be resolved.
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version?: unknown };
      return String(version);
    } catch {
      // Not in this folder: the next one up.
    }
  }
  return null;
}

export function libraries(): Library[] {
  return shown.map((name) => ({ name, version: versionOf(name) }));
}
