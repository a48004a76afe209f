import { open, stat } from 'node:fs/promises';
import { BadInput, messageOf, Transient } from '../../errors.js';
import type { ObjectStore } from '../../store/index.js';
import { HEADER_BYTES, isArtefact, type ReadHeader, readHeader, requirePayloadBytes } from './read-header.js';

/**
 * Reads the header of an artefact, and of the rest only how long it is.
 * @throws BadInput PATH_MISSING, BASELINE_UNUSABLE where it is none, ARTEFACT_…; Transient READ_FAILED
 */
export async function peekArtefact(store: ObjectStore, path: string): Promise<ReadHeader & { readonly bytes: number }> {
  const file = store.fileOf(path);
  const { head, bytes } = await (file === undefined ? readHeadOfObject(store, path) : readHead(path));
  if (!isArtefact(head)) {
    const remedy = 'Build one with `taster baseline build`.';
    throw new BadInput('BASELINE_UNUSABLE', { path, detail: 'is not a built baseline', remedy });
  }
  const read = readHeader(head, path);
  requirePayloadBytes(bytes - read.start, read.header, path);
  return { ...read, bytes };
}

interface Head {
  readonly head: Uint8Array;
  readonly bytes: number;
}

const NO_HEAD: Head = { head: new Uint8Array(0), bytes: 0 };

async function readHeadOfObject(store: ObjectStore, path: string): Promise<Head> {
  const [object, another] = await store.list(path);
  if (object === undefined || another !== undefined) return NO_HEAD;
  let head = Buffer.alloc(0);
  for await (const chunk of store.stream(object.uri, object.version)) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= HEADER_BYTES) break;
  }
  return { head: head.subarray(0, HEADER_BYTES), bytes: object.bytes };
}

async function readHead(path: string): Promise<Head> {
  try {
    const status = await stat(path);
    // Opening a pipe would wait for its writer.
    if (!status.isFile()) return NO_HEAD;
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
    const detail = messageOf(cause);
    throw new Transient('READ_FAILED', { path, detail }, cause);
  }
}
