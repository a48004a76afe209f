import { defineConfig } from 'vitest/config';
import everyTest from './vitest.config.js';

/** Of all tests, those of the service beside real servers, and of its image. */
export default defineConfig({
  test: { ...everyTest.test, include: ['test/e2e/service*.test.ts', 'test/image.test.ts'] },
});
