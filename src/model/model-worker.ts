import { Worker } from 'node:worker_threads';
import { Bug } from '../errors.js';
import { type Backend, startBackend } from '../linear/index.js';
import { answerRequests } from '../process/index.js';
import { type LoadedModel, loadModel } from './load.js';
import { readPinned } from './pins.js';
import { predict } from './predict.js';
import type { ModelPin, ModelRows } from './types.js';

export type Request = { readonly load: ModelPin; readonly backend: Backend } | { readonly predict: ModelRows };

let loaded: { name: string; model: LoadedModel } | undefined;

async function load(pin: ModelPin, backend: Backend): Promise<null> {
  await startBackend(backend);
  loaded = { name: pin.name, model: await loadModel(pin, await readPinned(pin), backend) };
  return null;
}

function predictRows(rows: ModelRows): ModelRows {
  if (loaded === undefined) throw new Bug('a model was given rows before it was loaded');
  return predict(loaded.name, loaded.model, rows);
}

answerRequests(async (request: Request) =>
  'load' in request ? load(request.load, request.backend) : predictRows(request.predict),
);

// A model that never comes back keeps this thread from hearing that the parent is gone: another one watches.
const watch = `const { ppid } = process;
setInterval(() => process.ppid === ppid || process.kill(process.pid, 'SIGKILL'), 500);`;
new Worker(watch, { eval: true }).unref();
