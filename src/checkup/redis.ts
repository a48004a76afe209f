import { type RedisState, redisState } from '../queue/index.js';
import type { ServiceCheck } from '../schema/index.js';
import { advice, fine, orProblem, problem } from './check.js';

const SUBJECT = 'Redis';
/** What the queue asks for (BullMQ). */
const OLDEST = [6, 2] as const;

/** Whether a Redis answers and can hold the queue. */
export function checkRedis(url: string): Promise<ServiceCheck[]> {
  return orProblem(SUBJECT, async () => {
    const state = await redisState(url);
    return [versionCheck(state), evictionCheck(state), persistenceCheck(state)];
  });
}

function versionCheck({ version }: RedisState): ServiceCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  if (isNew) return fine(SUBJECT, `version ${version}`);
  return problem(SUBJECT, `version ${version} is too old`, `Install ${OLDEST.join('.')} or later.`);
}

function evictionCheck({ evictionPolicy }: RedisState): ServiceCheck {
  if (evictionPolicy === 'noeviction') return fine(SUBJECT, 'keeps jobs when its memory is full');
  const message = `drops jobs when its memory is full (maxmemory-policy ${evictionPolicy})`;
  return problem(SUBJECT, message, 'Set maxmemory-policy to noeviction.');
}

function persistenceCheck({ keepsChanges }: RedisState): ServiceCheck {
  if (keepsChanges) return fine(SUBJECT, 'writes its changes down (appendonly)');
  const remedy = 'Set appendonly to yes, or run `taster reconcile` after each of its restarts.';
  return advice(SUBJECT, 'may lose its queue in a crash: appendonly is off', remedy);
}
