import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What happens to a request: nothing, an answer with this status, or after so many bytes of the answer silence or an end. */
export type Fault =
  | undefined
  | { readonly status: number }
  | { readonly hangUpAfterBytes: number }
  /** The server does what it is asked, and nobody hears that it has. */
  | { readonly hangsUpUnheard: true }
  | { readonly silentAfterBytes: number };

export interface RunningProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Stands before a server on loopback, asks `faultOf` before each request goes on, and spoils what that says. */
export async function startProxy(
  port: number,
  faultOf: (request: IncomingMessage) => Fault | Promise<Fault>,
): Promise<RunningProxy> {
  const server = createServer(async (incoming, outgoing) => {
    const fault = await faultOf(incoming);
    if (fault !== undefined && 'status' in fault) {
      incoming.resume();
      outgoing.writeHead(fault.status).end();
      return;
    }
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      if (fault !== undefined && 'hangsUpUnheard' in fault) {
        answer.resume();
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (fault === undefined) answer.pipe(outgoing);
      else if ('silentAfterBytes' in fault) breakOff(fault.silentAfterBytes, answer, outgoing, () => {});
      else breakOff(fault.hangUpAfterBytes, answer, outgoing, () => outgoing.destroy());
    });
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function breakOff(bytes: number, answer: IncomingMessage, outgoing: ServerResponse, then: () => void): void {
  let left = bytes;
  answer.on('data', (chunk: Buffer) => {
    if (left < 0) return;
    const part = chunk.subarray(0, left);
    left -= chunk.length;
    outgoing.write(part, () => {
      if (left < 0) then();
    });
  });
  answer.on('end', () => {
    if (left >= 0) outgoing.end();
  });
}
