import { leaveSignals } from '../store/index.js';

/** Resolves with the first signal to stop; a second one ends the process at once. */
export function toldToStop(): Promise<void> {
  leaveSignals();
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
