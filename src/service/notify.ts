import { Transient } from '../errors.js';
import type { Notice } from '../schema/index.js';

const LONGEST_MS = 10_000;

/** Posts a notice as JSON. @throws Transient NOTIFY_FAILED unless it is taken */
export async function notify(address: string, notice: Notice): Promise<void> {
  const answer = await post(address, notice).catch((cause: unknown) => {
    throw failed(address, detailOf(cause), cause);
  });
  await answer.body?.cancel();
  if (!answer.ok) throw failed(address, `it answered ${answer.status}`);
}

function post(address: string, notice: Notice): Promise<Response> {
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(notice),
    redirect: 'error',
    signal: AbortSignal.timeout(LONGEST_MS),
  });
}

/** Paths and queries of such addresses are secret. */
function failed(address: string, detail: string, cause?: unknown): Transient {
  return new Transient('NOTIFY_FAILED', { address: new URL(address).origin, detail }, cause);
}

/** In words of our own: those of fetch may quote the address. */
function detailOf(failure: unknown): string {
  const { name, cause } = failure as { readonly name?: string; readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${LONGEST_MS / 1000} s`;
  return typeof cause?.code === 'string' ? cause.code : 'the request failed';
}
