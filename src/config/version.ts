import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('#package') as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

export const version: string = manifest.version;
/** The versions of Node that Taster runs on, as npm writes ranges. */
export const requiredNode: string = manifest.engines.node;
