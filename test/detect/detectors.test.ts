import { beforeAll, describe } from 'vitest';
import { detectors } from '../../src/detect/index.js';
import { startBackend } from '../../src/linear/index.js';
import { checkDetector } from './check-suite.js';
import { samplers } from './populations.js';

beforeAll(async () => {
  await startBackend('wasm');
});

describe.each(detectors.map((detector) => [detector.kind, detector] as const))('%s', (_, detector) => {
  describe.each(samplers)('on %s', (_, sample) => {
    checkDetector(detector, sample);
  });
});
