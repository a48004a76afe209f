import { beforeAll, describe } from 'vitest';
import { detectors } from '../../src/detect/index.js';
import { startBackend } from '../../src/linear/index.js';
import { checkCalibration } from './check-suite.js';
import { mixedRows, numberRows, textRows } from './populations.js';

beforeAll(async () => {
  await startBackend('wasm');
});

describe.each(detectors.map((detector) => [detector.kind, detector] as const))('%s', (_, detector) => {
  describe.each([
    ['numbers', numberRows],
    ['mixed columns', mixedRows],
    ['text', textRows],
  ])('on %s', (_, sample) => {
    checkCalibration(detector, sample);
  });
});
