import { defineConfig } from 'vitest/config';
import everyTest from './vitest.config.js';

/** The service beside real servers, and what needs one that takes minutes to install, which `npm test` leaves out. */
export default defineConfig({
  test: { ...everyTest.test, include: ['test/e2e/service*.test.ts', 'test/**/*.integration.ts'] },
});
