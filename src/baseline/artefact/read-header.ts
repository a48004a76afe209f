import { BadInput, messageOf } from '../../errors.js';
import { sha256Of } from '../../store/index.js';
import { SCORING_VERSION } from '../scoring-version.js';
import { type ArtefactHeader, assertHeader } from './header.js';

/*
 * An artefact is two lines of text and a payload:
 *
 *   taster-baseline <format version> <SHA-256 of the second line, its line feed left out>
 *   {"taster": …, "payload": {"bytes": …, "sha256": …}, …}
 *   CBOR of the Baseline
 *
 * The first line covers the second and the second covers the payload, so that the digest in the first names the whole.
 * Not compressed: deflate halves it, but its bytes differ between versions of zlib and processors, and equal baselines
 * shall have equal digests.
 */
export const MAGIC = 'taster-baseline ';
export const FORMAT_VERSION = 1;
const LINE_FEED = 0x0a;
/** The greatest that two lines can be; enough to read of a file for its header. */
export const HEADER_BYTES = 256 * 1024;

/** True when the bytes claim to be an artefact, in whatever state. */
export function isArtefact(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, MAGIC.length)) === MAGIC;
}

export interface ReadHeader {
  readonly header: ArtefactHeader;
  readonly sha256: string;
  /** Where the payload begins. */
  readonly start: number;
}

/**
 * Reads the header from the first HEADER_BYTES of an artefact or more.
 * @throws BadInput ARTEFACT_DAMAGED, ARTEFACT_OTHER_VERSION where format or scoring is another
 */
export function readHeader(bytes: Uint8Array, path: string): ReadHeader {
  const [magic, start] = lineFrom(bytes, 0, path);
  const [, version, sha256] = /^taster-baseline (\d{1,9}) ([0-9a-f]{64})$/.exec(latin1(magic)) ?? [];
  if (version === undefined || sha256 === undefined) throw damaged(path, 'its first line is broken');
  requireVersion('format', Number(version), FORMAT_VERSION, path);
  const [line, end] = lineFrom(bytes, start, path);
  if (sha256Of(line) !== sha256) throw damaged(path, 'its header is not what was written');
  const header = parseHeader(line, path);
  requireVersion('scoring', header.scoring, SCORING_VERSION, path, ` by Taster ${header.taster}`);
  return { header, sha256, start: end };
}

/** @throws BadInput ARTEFACT_DAMAGED */
export function requirePayloadBytes(bytes: number, { payload }: ArtefactHeader, path: string): void {
  if (bytes < payload.bytes) throw damaged(path, `it was cut off: ${payload.bytes - bytes} bytes are missing`);
  if (bytes > payload.bytes) throw damaged(path, `${bytes - payload.bytes} bytes follow its end`);
}

function lineFrom(bytes: Uint8Array, start: number, path: string): [line: Uint8Array, next: number] {
  const head = bytes.subarray(0, HEADER_BYTES);
  const end = head.indexOf(LINE_FEED, start);
  if (end >= 0) return [head.subarray(start, end), end + 1];
  throw damaged(path, bytes.length < HEADER_BYTES ? 'it was cut off within its header' : 'its header does not end');
}

function parseHeader(line: Uint8Array, path: string): ArtefactHeader {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
    assertHeader(value);
    return value;
  } catch (cause) {
    throw damaged(path, `its header makes no sense (${messageOf(cause)})`, cause);
  }
}

function requireVersion(what: 'format' | 'scoring', found: number, known: number, path: string, by = ''): void {
  if (found === known) return;
  const isOlder = found < known;
  throw new BadInput('ARTEFACT_OTHER_VERSION', {
    path,
    detail: `was built${by} with ${what} version ${found}, and this Taster knows ${known}`,
    remedy: `${isOlder ? 'Build' : 'Upgrade Taster, or build'} it again from the trusted rows with \`taster baseline build\`.`,
  });
}

export function damaged(path: string, detail: string, cause?: unknown): BadInput {
  return new BadInput('ARTEFACT_DAMAGED', { path, detail }, cause);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
