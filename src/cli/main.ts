#!/usr/bin/env node
import { quietAwsSdk, settleTensorflow } from '../config/index.js';
import { Transient } from '../errors.js';
import { reportFailure } from './failure.js';
import type { CliIo } from './io.js';
import { runCli } from './run.js';

settleTensorflow();
quietAwsSdk();

/** Loaded where it is wanted: most commands scan nothing. */
const scan: CliIo['scan'] = async (...job) => (await import('../pipeline.js')).scan(...job);
const io = { stdout: process.stdout, stderr: process.stderr, scan };

for (const [path, stream] of Object.entries({ stdout: process.stdout, stderr: process.stderr })) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that goes away early (`| head`) must not turn the verdict into a failure.
    if (error.code === 'EPIPE') return;
    const failure = new Transient('WRITE_FAILED', { path, detail: error.message }, error);
    process.exit(reportFailure(failure, io, false, 'taster'));
  });
}

const exitCode = await runCli(process.argv.slice(2), io);
// Left to end by itself, Node 20 may wait for ever for a compilation of WebAssembly that nobody needs any more.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit(exitCode);
