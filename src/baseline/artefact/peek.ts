import { open, stat } from 'node:fs/promises';
import { BadInput, Transient } from '../../errors.js';
import { HEADER_BYTES, isArtefact, type ReadHeader, readHeader, requirePayloadBytes } from './artefact.js';

/**
 * Reads the header of an artefact, and of the rest only how long it is.
 * @throws BadInput PATH_MISSING, BASELINE_UNUSABLE where it is none, ARTEFACT_…; Transient READ_FAILED
 */
export async function peekArtefact(path: string): Promise<ReadHeader & { readonly bytes: number }> {
  const { head, bytes } = await readHead(path);
  if (!isArtefact(head)) {
    const remedy = 'Build one with `taster baseline build`.';
    throw new BadInput('BASELINE_UNUSABLE', { path, detail: 'is not a built baseline', remedy });
  }
  const read = readHeader(head, path);
  requirePayloadBytes(bytes - read.start, read.header, path);
  return { ...read, bytes };
}

async function readHead(path: string): Promise<{ head: Uint8Array; bytes: number }> {
  try {
    const status = await stat(path);
    // Opening a pipe would wait for its writer.
    if (!status.isFile()) return { head: new Uint8Array(0), bytes: 0 };
    const { size } = status;
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, HEADER_BYTES)));
      return { head: buffer.subarray(0, bytesRead), bytes: size };
    } finally {
      await file.close();
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new BadInput('PATH_MISSING', { path }, cause);
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new Transient('READ_FAILED', { path, detail }, cause);
  }
}
