import { BadInput, type BadInputCode, Bug, Transient, type TransientCode } from '../errors.js';

/** An error as plain data, on its way from one process to another. */
export interface Failure {
  readonly fate: 'bad-input' | 'transient' | 'bug';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly stack: string;
}

export function describeFailure(error: unknown): Failure {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof BadInput) return { fate: 'bad-input', code: error.code, message, remedy: error.remedy, stack };
  if (error instanceof Transient) return { fate: 'transient', code: error.code, message, remedy: error.remedy, stack };
  return { fate: 'bug', code: '', message, remedy: '', stack };
}

/** The error again, with the words and the stack of the process it came from. */
export function recreateError({ fate, code, message, remedy, stack }: Failure): Error {
  if (fate === 'bug') return Object.assign(new Bug(message), { stack });
  const error = fate === 'bad-input' ? new BadInput(code as BadInputCode) : new Transient(code as TransientCode);
  return Object.assign(error, { message, remedy, stack });
}
