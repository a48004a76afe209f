import { threadId } from 'node:worker_threads';
import { helpWith } from '../../dist/src/process/index.js';

helpWith(({ dies, fails, takesMs }, part) => {
  if (dies) process.exit();
  if (fails) throw new Error('a helper fails');
  for (const end = performance.now() + takesMs; performance.now() < end; );
  return { square: part * part, by: threadId };
});
