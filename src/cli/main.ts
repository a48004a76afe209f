#!/usr/bin/env node
import { settleTensorflow } from '../config/index.js';
import { scan } from '../pipeline.js';
import { runCli } from './run.js';

settleTensorflow();

// A reader that goes away early (`| head`) must not turn the verdict into a crash.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  scan,
});
// Left to end by itself, Node 20 may wait for ever for a compilation of WebAssembly that nobody needs any more.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit(exitCode);
