import { DelayedError, type Job } from 'bullmq';
import { BadInput, messageOf, Transient, type TransientCode } from '../errors.js';

/** Somebody else does not answer, whatever a job is about: its few tries are for its own faults. */
const OUTAGES: readonly TransientCode[] = ['STORE_UNREACHABLE', 'CREDENTIALS_MISSING', 'QUEUE_FAILED', 'NOTIFY_FAILED'];

/** Of this worker's configuration, which is older or newer than that of whoever queued the job: another may know its dataset. */
function isOfOtherConfiguration(error: unknown): boolean {
  return error instanceof BadInput && error.code === 'DATASET_UNKNOWN';
}

/** True where a later try, or another worker, may do better, whatever has been tried so far. */
export function isOutage(error: unknown): boolean {
  return (error instanceof Transient && OUTAGES.includes(error.code)) || isOfOtherConfiguration(error);
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5 * 60_000;
/** About a day; then a job fails as by any other fault. */
const MOST_DELAYS = 300;

/** Puts a job off that met an outage, ever longer; undefined where it met none, or has been put off often enough. */
export async function putOff(job: Job, token: string | undefined, error: unknown): Promise<DelayedError | undefined> {
  if (!isOutage(error)) return undefined;
  // What looks around again and again comes by itself.
  if (job.repeatJobKey !== undefined) return undefined;
  const delays = job.attemptsStarted - job.attemptsMade - 1;
  if (delays >= MOST_DELAYS) return undefined;
  await job.moveToDelayed(Date.now() + Math.min(FIRST_DELAY_MS * 2 ** delays, LONGEST_DELAY_MS), token);
  return new DelayedError(messageOf(error));
}
