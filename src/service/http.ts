import { createHash, timingSafeEqual } from 'node:crypto';
import { fastify } from 'fastify';
import type { Dataset } from '../config/index.js';
import { messageOf, Transient } from '../errors.js';
import type { JobQueue } from '../queue/index.js';
import { arrivalsIn, queueSweeps } from './events.js';
import type { Metrics } from './metrics.js';

/** What is served: health and metrics always, events where they can be authenticated. */
export interface Served {
  readonly queue: JobQueue;
  readonly metrics: Metrics;
  readonly events: { readonly token: string; readonly datasets: Iterable<Dataset> } | null;
}

export interface HttpServer {
  /** Where it listens. */
  readonly address: string;
  stop(): Promise<void>;
}

const MOST_BODY_BYTES = 4 * 2 ** 20;

/** @throws Transient LISTEN_FAILED */
export async function serveHttp(host: string, port: number, { queue, metrics, events }: Served): Promise<HttpServer> {
  const server = fastify({ bodyLimit: MOST_BODY_BYTES });
  server.get('/health/live', () => ({ live: true }));
  server.get('/health/ready', async (_, reply) => {
    const problem = await queue.requireAnswer().then(() => null, messageOf);
    return reply.code(problem === null ? 200 : 503).send({ ready: problem === null, problem });
  });
  server.get('/metrics', async (_, reply) => reply.type('text/plain; version=0.0.4').send(await metrics.render()));
  if (events !== null) {
    server.post('/events', async ({ headers, body }, reply) => {
      if (!isToken(headers.authorization, events.token)) return reply.code(401).send({ error: 'wrong token' });
      const arrived = arrivalsIn(body, events.datasets);
      await queue.requireAnswer();
      await queueSweeps(queue, arrived);
      metrics.countEvents(arrived.length);
      return reply.code(202).send({ arrived });
    });
  }
  server.setErrorHandler((error, _, reply) => {
    const { statusCode = 503 } = error as { readonly statusCode?: number };
    return reply.code(statusCode).send({ error: messageOf(error) });
  });
  try {
    const address = await server.listen({ host, port });
    return { address, stop: () => server.close() };
  } catch (cause) {
    throw new Transient('LISTEN_FAILED', { address: `${host}:${port}`, detail: messageOf(cause) }, cause);
  }
}

/** Digests are compared: in the same time whatever they have in common, and whatever their length. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(tokenIn(authorization)), digestOf(token));
}

/** Stores that can say nothing but an address send what it has before the @ as Basic: there the password is the token. */
function tokenIn(authorization = ''): string {
  const [, scheme, given = ''] = /^(Bearer|Basic) (.*)$/.exec(authorization) ?? [];
  if (scheme !== 'Basic') return given;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(given, 'base64').toString('utf8')) ?? [];
  return password;
}
