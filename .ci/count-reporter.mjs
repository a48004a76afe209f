/** Ends a test run with a line that .ci/run can add up; a file that cannot be loaded counts as one failed test. */
// biome-ignore lint/style/noDefaultExport: vitest loads reporters by their default export
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failed = tests.filter((test) => test.result().state === 'failed').length;
    console.log(`test: ${passed} passed, ${failed + broken + unhandledErrors.length} failed`);
  }
}
