import { describeFailure } from './failure.js';
import type { Reply } from './isolated.js';

/** Answers the requests of the process that started this one, and ends with it. */
export function answerRequests<Request>(answer: (request: Request) => Promise<unknown>): void {
  process.on('message', async (request: Request) => {
    try {
      reply({ result: await answer(request) });
    } catch (error) {
      reply({ failure: describeFailure(error) });
    }
  });
  // Nobody waits for the work of a child whose parent is gone.
  process.on('disconnect', () => process.exit());
}

/** Tells as each part of the work begins that it goes on, and how long the part before took. */
export function startClock(): { begin(part: string): void; end(): void } {
  let running: { readonly part: string; readonly since: number } | undefined;
  const turnTo = (part: string | undefined) => {
    const now = performance.now();
    const spent = running && { part: running.part, seconds: (now - running.since) / 1000 };
    running = part === undefined ? undefined : { part, since: now };
    reply(spent === undefined ? { alive: true } : { alive: true, spent });
  };
  return { begin: turnTo, end: () => turnTo(undefined) };
}

function reply(message: Reply<unknown>): void {
  process.send?.(message);
}
