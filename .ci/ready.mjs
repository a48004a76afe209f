// Installs and builds only what is missing or out of date, so that every npm command works in a fresh clone.
// Plain JavaScript on Node alone: nothing is installed yet when it runs.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);
const stamp = inRoot('dist', '.sources.json');
const command = inRoot('dist', 'src', 'cli', 'main.js');
const sourceFolders = ['src', 'workers', 'bench', 'datasets', 'servers'];
const settings = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.build.json', '.ci/bundle.mjs'];

function run(what, program, parameters) {
  const { status, error } = spawnSync(program, parameters, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`${what} failed${error ? `: ${error.message}` : ', see above'}.`);
  process.exit(1);
}

function assertNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Taster needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

function install() {
  const installed = inRoot('node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(inRoot('package-lock.json')).mtimeMs) return;
  console.error('Installing packages (npm ci) …');
  // Development packages hold the compiler: wanted whatever NODE_ENV says.
  const parameters = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm) run('Installing', process.execPath, [npm, ...parameters]);
  else run('Installing', 'npm', parameters);
}

function sources() {
  const files = sourceFolders.flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const all = [...files, ...settings.map((name) => inRoot(name))].sort();
  return Object.fromEntries(all.map((file) => [file, statSync(file).mtimeMs]));
}

function build() {
  const now = sources();
  const built = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
  if (existsSync(command) && JSON.stringify(now) === JSON.stringify(built)) return;
  // The compiler leaves the output of deleted sources behind.
  if (Object.keys(built).some((file) => !(file in now))) rmSync(inRoot('dist'), { recursive: true, force: true });
  console.error('Building …');
  run('Compiling', process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  rmSync(inRoot('dist', 'chunks'), { recursive: true, force: true });
  run('Bundling', process.execPath, [inRoot('.ci', 'bundle.mjs')]);
  mkdirSync(inRoot('dist'), { recursive: true });
  writeFileSync(stamp, JSON.stringify(now));
}

/** npm links a package's own command only where the package is installed, not in its checkout. */
function linkCommand() {
  if (!existsSync(command)) return;
  chmodSync(command, 0o755);
  const link = inRoot('node_modules', '.bin', 'taster');
  if (process.platform === 'win32' || existsSync(link)) return;
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'src', 'cli', 'main.js'), link);
}

assertNodeVersion();
// As npm's own prepare step the packages are there, except where development packages are left out on purpose.
if (process.argv.includes('--prepare')) {
  if (existsSync(inRoot('node_modules', 'typescript'))) build();
} else {
  install();
  build();
}
linkCommand();
