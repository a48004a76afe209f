// Does without Docker what the Dockerfile says, stage by stage in a temporary folder, and runs the outcome as another user
// who may write nothing but a temporary folder: a scan, and the service until it is told to stop. Needs the npm registry, and
// takes minutes.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'taster-image-'));
const NOBODY = 65534;
/** Far longer than it takes to start and end: what hangs is a failure. */
const LONGEST_MS = 120_000;

function instructions() {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replace(/\\\n/g, ' ');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => /^(\w+)\s+(.*)$/.exec(line)?.slice(1) ?? [line, '']);
}

function mustRun(what, program, parameters, options, expected = 0) {
  console.log(`image: ${what}`);
  const { status, error, stdout, stderr } = spawnSync(program, parameters, { encoding: 'utf8', ...options });
  if (status !== expected) throw new Error(`${what} ended with ${status}: ${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}

function copy(stages, stage, given) {
  const words = given.split(/\s+/);
  const other = words[0].startsWith('--from=') ? stages.get(words.shift().slice('--from='.length)) : undefined;
  const target = words.pop();
  for (const source of words) {
    const from = other === undefined ? join(root, source) : join(other.folder, source);
    if (!existsSync(from)) throw new Error(`COPY ${source}: it is not there`);
    const to = join(stage.folder, stage.workdir, target);
    cpSync(from, target.endsWith('/') ? join(to, basename(source)) : to, { recursive: true });
  }
}

/** What a container does: it starts, is alive, and ends well by the signal that the Dockerfile names. Redis may be away. */
async function serveUntilTold(parameters, options, signal) {
  console.log(`image: taster serve until ${signal}`);
  const child = spawn(process.execPath, parameters, {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit');
  while (!said.includes('"address"') && child.exitCode === null) {
    await Promise.race([once(child.stderr, 'data'), ended]);
  }
  const [, address] = /"address":"([^"]+)"/.exec(said) ?? [];
  const isAlive = address !== undefined && (await fetch(`${address}/health/live`)).ok;
  child.kill(signal);
  const [status] = await ended;
  if (!isAlive || status !== 0) throw new Error(`taster serve ended with ${status} after ${signal}: ${said}`);
}

const steps = {
  FROM: (stages, _, given) => {
    const name = /\bAS (\w+)$/i.exec(given)?.[1] ?? 'last';
    const stage = { folder: join(folder, name), workdir: '/', env: {} };
    stages.set(name, stage);
    return stage;
  },
  WORKDIR: (_, stage, given) => {
    stage.workdir = given;
    mkdirSync(join(stage.folder, given), { recursive: true });
  },
  COPY: copy,
  RUN: (_, stage, given) => {
    const cache = join(folder, 'cache');
    const env = { ...process.env, ...stage.env, npm_config_cache: cache };
    mustRun(given, 'sh', ['-c', given], { cwd: join(stage.folder, stage.workdir), env });
  },
  ENV: (_, stage, given) => {
    const [name, value] = given.split('=');
    stage.env[name] = value;
  },
  USER: (_, stage, given) => {
    stage.user = given;
  },
  ENTRYPOINT: (_, stage, given) => {
    stage.entrypoint = JSON.parse(given);
  },
  STOPSIGNAL: (_, stage, given) => {
    stage.stopSignal = given;
  },
  LABEL: () => {},
  CMD: () => {},
};

function build() {
  const stages = new Map();
  let stage;
  for (const [name, given] of instructions()) {
    if (!(name in steps)) throw new Error(`this script does not know ${name}: teach it`);
    stage = steps[name](stages, stage, given) ?? stage;
  }
  return stage;
}

/** As the user that runs it in a container: the tree belongs to another, the temporary folder to everybody. */
async function tryOut({ folder: tree, entrypoint: [, command], user, env, stopSignal }) {
  if (user === undefined || user === 'root') throw new Error('the image runs as root');
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  cpSync(join(root, 'datasets', 'digits'), join(folder, 'digits'), { recursive: true });
  mustRun('taking the right to write away', 'chmod', ['-R', 'a-w,a+rX', tree]);
  chmodSync(folder, 0o755);
  chmodSync(temporary, 0o777);
  const asOther = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const variables = { PATH: process.env.PATH, HOME: '/nonexistent', TMPDIR: temporary, ...env };
  const options = { cwd: folder, env: variables, ...asOther };
  const program = join(tree, command);
  const version = mustRun('taster --version', process.execPath, [program, '--version'], options).trim();
  const scan = ['scan', 'digits/incoming', '--baseline', 'digits/trusted', '--quiet'];
  mustRun('a scan of the poisoned demo batch', process.execPath, [program, ...scan], options, 1);
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  writeFileSync(join(folder, 'taster.config.json'), JSON.stringify({ datasets: { digits: roots } }));
  await serveUntilTold([program, 'serve', '--port', '0'], options, stopSignal);
  console.log(`image: taster ${version} works from its image's files`);
}

try {
  await tryOut(build());
} catch (error) {
  console.error(`image: FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  spawnSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
}
