// Installs native TensorFlow for this checkout from npm and PyPI alone: the install script of tfjs-node fetches its
// library from a host that many networks do not reach. Versions and digests are pinned by package-lock.json and
// native-requirements.txt. A run that fails leaves nothing behind; `npm ci` takes the installation away.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inModules = (...parts) => join(root, 'node_modules', ...parts);
const target = inModules('@tensorflow', 'tfjs-node');
const stagingPrefix = '.native-';
const staging = inModules(`${stagingPrefix}${process.pid}`);
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const optional = process.argv.includes('--where-possible');

/** Ends the run: what could not be done, and what to do about it. */
class Failure extends Error {}
class NotPossible extends Failure {}

let running;
let stoppedBy;

/** Stops the step that runs: it then fails, and what there is so far is cleared away. */
function stop(signal) {
  stoppedBy = signal;
  running?.kill('SIGTERM');
}

function run(program, parameters, options = {}) {
  return new Promise((resolve) => {
    running = execFile(program, parameters, { cwd: root, maxBuffer: 2 ** 26, ...options }, (error, stdout, stderr) => {
      resolve({ error, signal: error?.signal, said: `${stdout}${stderr}`.trim() });
    });
  });
}

function say(step) {
  console.log(`native: ${step}`);
}

async function mustRun(step, remedy, program, parameters) {
  say(`${step} …`);
  const { error, said } = await run(program, parameters);
  if (stoppedBy !== undefined) throw new Failure(`stopped by ${stoppedBy}; nothing is left behind`);
  if (error) throw new Failure(`${step} failed: ${said || error.message}\n${remedy}`);
}

function npm(...parameters) {
  const npmScript = process.env.npm_execpath;
  return npmScript ? [process.execPath, [npmScript, ...parameters]] : ['npm', parameters];
}

function assertPlatform() {
  const { glibcVersionRuntime } = process.report.getReport().header;
  if (process.platform === 'linux' && process.arch === 'x64' && glibcVersionRuntime) return;
  const libc = process.platform === 'linux' && !glibcVersionRuntime ? ' without glibc' : '';
  throw new NotPossible(
    `only the WASM backend is available on ${process.platform} ${process.arch}${libc}: ` +
      'native TensorFlow is installed on Linux x64 with glibc only. Taster works without it.',
  );
}

async function assertTools() {
  const works = async (program, ...parameters) => !(await run(program, parameters)).error;
  const missing = [
    ['python3', await works('python3', '--version'), 'apt-get install python3'],
    ['pip for python3', await works('python3', '-m', 'pip', '--version'), 'apt-get install python3-pip'],
    ['g++', await works('g++', '--version'), 'apt-get install g++'],
    ['strip', await works('strip', '--version'), 'apt-get install binutils'],
  ].filter(([, isThere]) => !isThere);
  if (missing.length === 0) return;
  const remedies = missing.map(([name, , remedy]) => `${name} (on Debian and Ubuntu: ${remedy})`);
  throw new NotPossible(
    `missing: ${remedies.join('; ')}. Install what is missing and run \`npm run native\` again; until then tensors are WASM.`,
  );
}

/** In a process of its own: a library that does not fit the processor kills whoever loads it. */
async function problemOfInstallation() {
  const linear = new URL('../dist/src/linear/index.js', import.meta.url).href;
  const program = `
    const { multiply, startBackend } = await import(${JSON.stringify(linear)});
    await startBackend('native');
    const left = { rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, 4) };
    const { data } = multiply(left, { rows: 2, cols: 1, data: Float32Array.of(5, 6) });
    if (data.join() !== '17,39') throw new Error('wrong product ' + data);`;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  const { error, signal, said } = await run(process.execPath, ['--input-type=module', '--eval', program], { env });
  if (!error) return undefined;
  return signal ? `the process that loads it was killed by ${signal}` : said;
}

async function fetchLibrary() {
  const wheelFolder = join(staging, 'wheel');
  const version = ['--python-version', '311', '--implementation', 'cp', '--abi', 'cp311'];
  const exact = ['--no-deps', '--only-binary=:all:', '--platform', 'manylinux2014_x86_64', ...version];
  const requirements = ['--require-hashes', '-r', join(root, '.ci', 'native-requirements.txt')];
  const quiet = ['--quiet', '--disable-pip-version-check'];
  const reach = 'Check that PyPI, or the index that pip is set to, can be reached.';
  await mustRun('fetching the TensorFlow library (232 MB, PyPI)', reach, 'python3', [
    ...['-m', 'pip', 'download', ...quiet, ...exact, ...requirements, '--dest', wheelFolder],
  ]);
  const wheel = readdirSync(wheelFolder).find((name) => name.endsWith('.whl'));
  const unpack = `
import sys, zipfile
wanted = ('tensorflow/libtensorflow', 'tensorflow/include/tensorflow/c/', 'tensorflow/include/tensorflow/core/platform/',
          'tensorflow/include/tensorflow/tsl/c/', 'tensorflow/include/tensorflow/tsl/platform/')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    names = [n for n in wheel.namelist() if n.startswith(wanted) or n.endswith('.dist-info/LICENSE')]
    wheel.extractall(sys.argv[2], names)`;
  const space = 'It takes 1 GB of disk for a moment, 437 MB in the end.';
  await mustRun('unpacking it', space, 'python3', ['-c', unpack, join(wheelFolder, wheel), staging]);
  rmSync(wheelFolder, { recursive: true });
  const paths = libraries.map((name) => join(staging, 'tensorflow', name));
  await mustRun('stripping it', space, 'strip', ['--strip-unneeded', ...paths]);
}

async function compileBinding() {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(target, 'binding', name));
  const includes = [join(staging, 'tensorflow', 'include'), inModules('node-api-headers', 'include')];
  await mustRun('compiling the binding', 'It takes g++ 7 or later with its standard library.', 'g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...includes.flatMap((folder) => ['-I', folder]),
    ...sources,
    ...libraries.map((name) => join(staging, 'tensorflow', name)),
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ...['-o', join(staging, 'tfjs_binding.node')],
  ]);
}

function putInPlace() {
  say('putting library and binding in place');
  for (const folder of ['deps', 'lib']) rmSync(join(target, folder), { recursive: true, force: true });
  mkdirSync(join(target, 'deps', 'lib'), { recursive: true });
  mkdirSync(join(target, 'lib', 'napi-v8'), { recursive: true });
  for (const name of libraries) renameSync(join(staging, 'tensorflow', name), join(target, 'deps', 'lib', name));
  const information = readdirSync(staging).find((name) => name.endsWith('.dist-info'));
  cpSync(join(staging, information, 'LICENSE'), join(target, 'deps', 'LICENSE'));
  renameSync(join(staging, 'tfjs_binding.node'), join(target, 'lib', 'napi-v8', 'tfjs_binding.node'));
}

function removeStaging() {
  for (const name of readdirSync(inModules()).filter((entry) => entry.startsWith(stagingPrefix))) {
    rmSync(inModules(name), { recursive: true, force: true });
  }
}

async function install() {
  removeStaging();
  mkdirSync(staging, { recursive: true });
  try {
    await fetchLibrary();
    const parameters = ['install', '--no-save', '--ignore-scripts', '--include=dev', '--include=optional'];
    const reach = 'Check that the npm registry can be reached.';
    await mustRun('installing tfjs-node (npm)', reach, ...npm(...parameters, '--loglevel=error'));
    await compileBinding();
    putInPlace();
    say('trying it …');
    const problem = await problemOfInstallation();
    if (problem !== undefined) throw new Failure(`what was installed does not work here: ${problem}`);
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    throw error;
  } finally {
    removeStaging();
  }
}

async function main() {
  assertPlatform();
  if (existsSync(target) && (await problemOfInstallation()) === undefined) {
    say('native TensorFlow works already; nothing to do');
    return;
  }
  await assertTools();
  await install();
  say('native TensorFlow works: scans take it by themselves. Run this again after `npm ci`, which removes it.');
  say(
    `TensorFlow is licensed under Apache-2.0: ${join('node_modules', '@tensorflow', 'tfjs-node', 'deps', 'LICENSE')}`,
  );
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
try {
  await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`native: ${error.message}`);
  process.exitCode = optional && error instanceof NotPossible ? 0 : 1;
}
