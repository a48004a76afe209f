import { readFileSync } from 'node:fs';
import type { Policy } from '../decide/types.js';
import { BadInput, Transient } from '../errors.js';
import { policyProblems } from '../schema/index.js';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new BadInput('PATH_MISSING', { path }, cause);
    if (code === 'EISDIR') throw new BadInput('POLICY_INVALID', { path, detail: 'is a folder, not a file' }, cause);
    throw new Transient('READ_FAILED', { path, detail: message }, cause);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    // Editors on Windows put a byte order mark first.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new BadInput('POLICY_INVALID', { path, detail: `is not JSON: ${(cause as Error).message}` }, cause);
  }
}

/**
 * The policy of a file, or the default one; what the file leaves out takes its default.
 * Throws BadInput POLICY_INVALID naming every problem at once.
 */
export function loadPolicy(path: string | undefined): Policy {
  const settings = path === undefined ? {} : parseJson(path, readText(path));
  const problems = policyProblems(settings);
  if (problems.length > 0)
    throw new BadInput('POLICY_INVALID', { path: path ?? 'policy', detail: problems.join('; ') });
  const { mode, falseQuarantineRate, tolerance, limits } = settings as Policy;
  return Object.freeze({ mode, falseQuarantineRate, tolerance, limits: Object.freeze(limits) });
}
