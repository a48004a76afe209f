import type { NamedColumns } from '../../encode/index.js';
import { Bug, messageOf } from '../../errors.js';
import { sha256Of } from '../../store/index.js';
import { SCORING_VERSION } from '../scoring-version.js';
import type { Baseline } from '../types.js';
import { assertBaseline } from './baseline-shape.js';
import { decodePlain, encodePlain } from './codec.js';
import { type ArtefactHeader, headerOf } from './header.js';
import {
  damaged,
  FORMAT_VERSION,
  HEADER_BYTES,
  MAGIC,
  type ReadHeader,
  readHeader,
  requirePayloadBytes,
} from './read-header.js';

/** The part of an artefact that scoring needs. */
export function encodeBaseline(baseline: Baseline): Uint8Array {
  return encodePlain(baseline);
}

/** @throws BadInput ARTEFACT_DAMAGED; `path` is for messages. */
export function decodeBaseline(bytes: Uint8Array, path: string): Baseline {
  try {
    const value = decodePlain(bytes);
    assertBaseline(value);
    return value;
  } catch (cause) {
    // Whatever is thrown, a stack overflow by nesting too, is about these bytes.
    throw damaged(path, `its content makes no sense (${messageOf(cause)})`, cause);
  }
}

export interface EncodedArtefact {
  readonly bytes: Uint8Array;
  /** Names the whole artefact: the digest in its first line. */
  readonly sha256: string;
  readonly header: ArtefactHeader;
}

/** The same bytes for the same baseline, names and versions. */
export function encodeArtefact(
  baseline: Baseline,
  named: NamedColumns,
  built: { readonly taster: string; readonly backend: string },
): EncodedArtefact {
  const payload = encodeBaseline(baseline);
  const sized = { bytes: payload.length, sha256: sha256Of(payload) };
  const header = headerOf(baseline, named, { ...built, scoring: SCORING_VERSION, payload: sized });
  const line = Buffer.from(JSON.stringify(header));
  const sha256 = sha256Of(line);
  const head = Buffer.concat([Buffer.from(`${MAGIC}${FORMAT_VERSION} ${sha256}\n`), line, Buffer.from('\n')]);
  if (head.length > HEADER_BYTES) throw new Bug('the header of an artefact is larger than its readers expect');
  return { bytes: Buffer.concat([head, payload]), sha256, header };
}

/** @throws BadInput as readHeader */
export function decodeArtefact(bytes: Uint8Array, path: string): ReadHeader & { readonly baseline: Baseline } {
  const read = readHeader(bytes, path);
  const { payload } = read.header;
  requirePayloadBytes(bytes.length - read.start, read.header, path);
  const content = bytes.subarray(read.start);
  if (sha256Of(content) !== payload.sha256) throw damaged(path, 'its content is not what was written');
  const baseline = decodeBaseline(content, path);
  return { ...read, baseline };
}
