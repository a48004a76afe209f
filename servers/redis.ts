import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, installed, run } from './installed.js';
import { type ServerOptions, type ServerProcess, startServer } from './server-process.js';

const remedy = 'Install it (Debian, Ubuntu: apt-get install -y redis-server).';

export interface RedisServer extends Omit<ServerProcess, 'restart'> {
  readonly url: string;
  /** Starts it again at the same address, with what it had written down or with nothing. */
  restart(options?: { readonly empty?: boolean }): Promise<void>;
}

async function installRedis(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const options = ['-o', 'DPkg::Lock::Timeout=300'];
  await run('apt-get', [...options, 'update']);
  await run('apt-get', [...options, 'install', '-y', '--no-install-recommends', 'redis-server']);
}

/** True once Redis answers a command; while it loads its data it answers with an error. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(String(answer).startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}

/** Redis that keeps every change in its folder; installed first where it is missing and this process may do so. */
export async function startRedis(options: ServerOptions = {}): Promise<RedisServer> {
  const find = () => findProgram('redis-server', ['/usr/bin']);
  const program = await installed(join(tmpdir(), 'taster-redis.lock'), find, installRedis).catch((cause: unknown) => {
    throw new Error(`Redis is needed, and could not be installed. ${remedy}`, { cause });
  });
  if (program === undefined) throw new Error(`Redis is needed, and is missing. ${remedy}`);
  const server = await startServer({
    ...options,
    name: 'redis',
    program,
    parameters: (port, folder) => [
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'],
    ],
    isReady: answersPing,
  });
  return {
    ...server,
    url: `redis://127.0.0.1:${server.port}`,
    restart: async ({ empty = false } = {}) => {
      await server.kill();
      if (empty) await rm(join(server.folder, 'appendonlydir'), { recursive: true, force: true });
      await server.restart();
    },
  };
}
