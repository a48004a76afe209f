import { readFileSync } from 'node:fs';
import { BadInput, type BadInputCode, Transient } from '../errors.js';
import { isKeyText } from '../key-text.js';

/**
 * The value of a JSON file of the user's.
 * @throws BadInput PATH_MISSING, `code` where the file is a folder or no JSON; Transient READ_FAILED
 */
export function readJson(path: string, code: BadInputCode): unknown {
  return parseJsonFile(readText(path, code), path, code);
}

/** @throws BadInput `code` where the text is no JSON */
export function parseJsonFile(text: string, path: string, code: BadInputCode): unknown {
  try {
    // Editors on Windows put a byte order mark first.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new BadInput(code, { path, detail: `is not JSON: ${(cause as Error).message}` }, cause);
  }
}

/**
 * Refuses a key in place of the path of its file, without quoting it.
 * @param where names what holds it, for errors
 * @throws BadInput KEY_UNUSABLE
 */
export function assertPath(path: string, where: string): void {
  if (!isKeyText(path)) return;
  throw new BadInput('KEY_UNUSABLE', {
    path: where,
    detail: 'must be the path of a file in PEM form, not a key itself',
  });
}

/** The text of a file of the user's. @throws BadInput PATH_MISSING, `code` where it is a folder; Transient READ_FAILED */
export function readText(path: string, code: BadInputCode): string {
  return readBytes(path, code).toString('utf8');
}

/** The same as bytes. @throws as readText */
export function readBytes(path: string, code: BadInputCode): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code: systemCode, message } = cause as NodeJS.ErrnoException;
    if (systemCode === 'ENOENT' || systemCode === 'ENOTDIR') throw new BadInput('PATH_MISSING', { path }, cause);
    if (systemCode === 'EISDIR') throw new BadInput(code, { path, detail: 'is a folder, not a file' }, cause);
    throw new Transient('READ_FAILED', { path, detail: message }, cause);
  }
}
