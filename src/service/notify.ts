import { messageOf, Transient } from '../errors.js';

/** What is told of a batch of which something is held: names and digests, nothing of its rows. */
export interface Notice {
  readonly dataset: string;
  readonly batch: string;
  readonly decision: string;
  readonly held: readonly { readonly path: string; readonly standing: string }[];
  /** Paths of those that an earlier decision had released. */
  readonly withdrawn: readonly string[];
}

const LONGEST_MS = 10_000;

/** Posts a notice as JSON. @throws Transient NOTIFY_FAILED unless it is taken */
export async function notify(address: string, notice: Notice): Promise<void> {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notice),
      redirect: 'error',
      signal: AbortSignal.timeout(LONGEST_MS),
    });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  } catch (cause) {
    const detail = messageOf(cause);
    throw new Transient('NOTIFY_FAILED', { address, detail }, cause);
  }
}
