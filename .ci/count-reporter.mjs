/**
 * Ends a test run with a line for each failure and one that .ci/run can add up; a file that cannot be loaded counts as
 * one failed test.
 */
// biome-ignore lint/style/noDefaultExport: vitest loads reporters by their default export
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const broken = modules.filter((module) => module.errors().length > 0);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failed = tests.filter((test) => test.result().state === 'failed');
    for (const test of failed) say(`${test.module.relativeModuleId} > ${test.fullName}`, test.result().errors);
    for (const module of broken) say(module.relativeModuleId, module.errors());
    for (const error of unhandledErrors) say('outside of tests', [error]);
    console.log(`test: ${passed} passed, ${failed.length + broken.length + unhandledErrors.length} failed`);
  }
}

function say(where, errors) {
  const message = errors[0]?.message ?? '';
  console.log(`FAILED  ${where}: ${message.split('\n')[0].slice(0, 300)}`);
}
