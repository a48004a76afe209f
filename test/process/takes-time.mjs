import { setTimeout as sleep } from 'node:timers/promises';

process.on('message', async ({ compute = 0, wait = 0 }) => {
  for (const end = Date.now() + compute; Date.now() < end; );
  await sleep(wait);
  process.send({ result: { done: true } });
});
