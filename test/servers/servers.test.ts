import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { startRedis } from '../../servers/redis.js';
import { S3_START_MS, startS3 } from '../../servers/s3.js';

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.once('data', (answer) => resolve(String(socket.destroy() && answer)));
    socket.once('error', reject);
  });
}

test('Redis is there, keeps what it was told through a crash, and leaves nothing behind', async () => {
  const redis = await startRedis();
  try {
    expect(await ask(redis.port, 'SET key value')).toBe('+OK\r\n');
    await redis.kill();
    await expect(ask(redis.port, 'GET key')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await redis.restart();
    expect(await ask(redis.port, 'GET key')).toBe('$5\r\nvalue\r\n');
    await redis.restart({ empty: true });
    expect(await ask(redis.port, 'GET key')).toBe('$-1\r\n');
  } finally {
    await redis.stop();
  }
  expect(existsSync(redis.folder)).toBe(false);
});

test(
  'S3 is there, keeps versions, refuses a wrong secret, and keeps users apart',
  async () => {
    const s3 = await startS3();
    const clientOf = (accessKeyId: string, secretAccessKey: string) =>
      new S3Client({
        endpoint: s3.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey },
      });
    try {
      const { AWS_ACCESS_KEY_ID: key = '', AWS_SECRET_ACCESS_KEY: secret = '' } = s3.variables;
      const owner = clientOf(key, secret);
      await s3.createBucket('data');
      const put = new PutObjectCommand({ Bucket: 'data', Key: 'a.csv', Body: 'x' });
      const versions = [await owner.send(put), await owner.send(put)].map(({ VersionId }) => VersionId);
      expect(new Set(versions).size).toBe(2);
      await expect(clientOf(key, 'wrong').send(put)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
      const user = await s3.addUser('somebody');
      const somebody = clientOf(user['AWS_ACCESS_KEY_ID'] ?? '', user['AWS_SECRET_ACCESS_KEY'] ?? '');
      await expect(somebody.send(put)).rejects.toMatchObject({ name: 'AccessDenied' });
      await expect(somebody.send(new CreateBucketCommand({ Bucket: 'mine' }))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    } finally {
      await s3.stop();
    }
    expect(existsSync(s3.folder)).toBe(false);
  },
  S3_START_MS,
);
