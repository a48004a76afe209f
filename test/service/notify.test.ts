import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../servers/server-process.js';
import type { Notice } from '../../src/schema/index.js';
import { notify } from '../../src/service/index.js';

const notice: Notice = {
  ...{ dataset: 'mail', batch: 'monday', decision: 'd'.repeat(64) },
  held: [{ path: 'a.csv', standing: 'held' }],
  withdrawn: ['b.csv'],
};

let server: Server;
let address: string;
let status: number;
let taken: { readonly method: string | undefined; readonly body: unknown }[];

beforeAll(async () => {
  server = createServer(async (request: IncomingMessage, response) => {
    taken.push({ method: request.method, body: await json(request) });
    response.writeHead(status, { location: `${address}/elsewhere` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  taken = [];
});

describe('a notice', () => {
  it('tells what is held by names and digests', async () => {
    status = 204;
    await notify(address, notice);
    expect(taken).toEqual([{ method: 'POST', body: notice }]);
  });

  it.each([302, 404, 500])('that is answered with %i is to be told again, and nowhere else', async (answer) => {
    status = answer;
    await expect(notify(address, notice)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
    expect(taken).toHaveLength(1);
  });

  it('that nobody takes does not say where in the address it was to go', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    await expect(notify(`${origin}/secret?token=secret`, notice)).rejects.toMatchObject({
      code: 'NOTIFY_FAILED',
      message: `${origin}: could not be told what is held: ECONNREFUSED`,
    });
  });
});
