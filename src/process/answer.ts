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

/** Tells between parts of the work that it goes on. */
export function signOfLife(): void {
  reply({ alive: true });
}

function reply(message: Reply<unknown>): void {
  process.send?.(message);
}
