import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { temporaryFolder } from '../temporary-folder.js';
import { digitShards, makeService, type TestService } from './service.js';

const call = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const inFolder = temporaryFolder();
const producer = inFolder('producer');
let redis: RedisServer;
let service: TestService;

const PROGRAM = `
import { BadInput, type EnqueuedBatch, enqueueBatch } from 'taster';

const [config = '', dataset = '', batch = ''] = process.argv.slice(2);
try {
  const queued: EnqueuedBatch = await enqueueBatch({ config, dataset, batch });
  console.log(\`\${queued.dataset} \${queued.batch}\`);
} catch (error) {
  if (!(error instanceof BadInput)) throw error;
  console.log(\`\${error.code}: \${error.remedy}\`);
}
`;

/** The package as npm makes it, in a program of somebody else. */
async function install(): Promise<void> {
  const folder = join(producer, 'node_modules', 'taster');
  mkdirSync(folder, { recursive: true });
  await call('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', producer], { cwd: root });
  const [archive = ''] = readdirSync(producer).filter((name) => name.endsWith('.tgz'));
  await call('tar', ['-xzf', join(producer, archive), '-C', folder, '--strip-components=1']);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(join(root, 'node_modules', '@types'), join(producer, 'node_modules', '@types'));
  writeFileSync(join(producer, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(producer, 'deliver.ts'), PROGRAM);
  const options = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'] };
  writeFileSync(join(producer, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['deliver.ts'] }));
  await call(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', producer]);
}

async function deliver(batch: string, dataset = 'digits'): Promise<string> {
  const parameters = ['deliver.js', service.at('taster.config.json'), dataset, batch];
  const env = { ...process.env, TASTER_REDIS_URL: redis.url };
  return (await call(process.execPath, parameters, { cwd: producer, env })).stdout;
}

beforeAll(async () => {
  redis = await startRedis();
  service = await makeService(inFolder('service'), redis);
  await install();
}, 300_000);
afterAll(async () => {
  await service?.stopWorkers();
  await redis?.stop();
});

describe('the package, in a program of a producer', () => {
  it('seals and queues a batch that workers judge', async () => {
    service.upload('monday', digitShards(['images-1.parquet', 'images-2.parquet']));
    expect(await deliver('monday')).toBe('digits monday\n');
    service.startWorker();
    expect((await service.settled('monday')).held).toEqual(['images-2.parquet']);
    service.upload('monday', digitShards(['images-3.parquet']));
    expect(await deliver('monday')).toBe('digits monday~2\n');
    expect((await service.settled('monday~2')).released).toEqual(['images-3.parquet']);
  });

  it('says what is wrong by the codes of the catalogue', async () => {
    expect(await deliver('monday')).toMatch(/^BATCH_EMPTY: Upload shards/);
    expect(await deliver('nowhere')).toMatch(/^PATH_MISSING: /);
    expect(await deliver('../in/monday')).toMatch(/^USAGE: /);
    expect(await deliver('monday', 'letters')).toBe('DATASET_UNKNOWN: It has digits.\n');
    await service.taster('pause', 'digits', '--why', 'a new baseline');
    expect(await deliver('monday')).toMatch(/^DATASET_PAUSED: .*taster resume digits/);
    await redis.kill();
    await service.taster('resume', 'digits');
    service.upload('tuesday', digitShards(['images-4.parquet']));
    await expect(deliver('tuesday')).rejects.toMatchObject({ stderr: expect.stringContaining('QUEUE_FAILED') });
    await redis.restart();
  });
});
