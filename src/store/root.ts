import { fileURLToPath } from 'node:url';
import { isS3Uri } from './s3-uri.js';

/** One letter is a drive of Windows. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]+:/;

/** Why a text is no folder, file:// or s3:// prefix, which would be taken for the name of a folder; undefined where it is one. */
export function rootProblem(root: string): string | undefined {
  if (!SCHEME.test(root)) return undefined;
  if (isS3Uri(root)) return /^s3:\/\/[^/]/.test(root) ? undefined : `${root} names no bucket: write s3://bucket/prefix`;
  if (root.startsWith('file://')) return isFileUrl(root) ? undefined : `${root} is no address of a file here`;
  return `${root} is no folder, file:// or s3:// prefix: write ./${root} where a folder has that name`;
}

function isFileUrl(address: string): boolean {
  try {
    fileURLToPath(address);
    return true;
  } catch {
    return false;
  }
}
