import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('#package') as { readonly version: string };

export const version: string = manifest.version;
