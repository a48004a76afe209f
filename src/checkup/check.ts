import { BadInput, Transient } from '../errors.js';
import type { ServiceCheck } from '../schema/index.js';

export function fine(subject: string, message: string): ServiceCheck {
  return { subject, outcome: 'fine', message, remedy: null };
}

/** What works, and could be better. */
export function advice(subject: string, message: string, remedy: string): ServiceCheck {
  return { subject, outcome: 'advice', message, remedy };
}

/** How what somebody may too much is told. */
export type Excess = typeof advice | typeof problem;

export function problem(subject: string, message: string, remedy: string): ServiceCheck {
  return { subject, outcome: 'problem', message, remedy };
}

/** What `work` finds, or the error of the catalogue that ended it. */
export async function orProblem(subject: string, work: () => Promise<ServiceCheck[]>): Promise<ServiceCheck[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BadInput || error instanceof Transient)) throw error;
    return [problem(subject, error.message, error.remedy)];
  }
}
