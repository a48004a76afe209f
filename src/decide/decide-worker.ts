import { parentPort, workerData } from 'node:worker_threads';
import { decide } from './decide.js';

parentPort?.postMessage(decide(...(workerData as Parameters<typeof decide>)));
