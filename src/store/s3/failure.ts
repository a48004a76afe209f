import { BadInput, Transient } from '../../errors.js';
import { isUnknownVersion } from '../gone.js';
import { parseS3Uri } from '../s3-uri.js';

type Access = 'read' | 'write';

/** Errors of S3 by what they mean, whichever server says so. */
const GONE = new Set(['NoSuchKey', 'NoSuchVersion', 'NotFound']);
const NO_BUCKET = new Set(['NoSuchBucket', 'InvalidBucketName']);
const REFUSED = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
]);
const UNSUPPORTED_STATUS = new Set([405, 501]);
/** Of connections that cannot be made or break off. */
const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EPIPE',
]);
/** The server, or what stands before it, has no time or is not there: whatever it was asked for. */
const OVERLOADED_STATUS = new Set([429, 502, 503, 504]);

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function statusOf(error: unknown): number | undefined {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

export function isGone(error: unknown): boolean {
  return GONE.has(nameOf(error));
}

export function isDenied(error: unknown): boolean {
  return statusOf(error) === 403 && !REFUSED.has(nameOf(error));
}

/** The server does not know the operation. */
export function isUnsupported(error: unknown): boolean {
  return UNSUPPORTED_STATUS.has(statusOf(error) ?? 0);
}

/** The same, or it wants another form of it, as servers that know one checksum of a request do. */
export function isNotUnderstood(error: unknown): boolean {
  return isUnsupported(error) || statusOf(error) === 400;
}

/** What a request about many objects says of one of them, as if it had been asked for by itself. */
export function toldOf({ Key, Code = 'InternalError', Message = Code }: Told): Error {
  const httpStatusCode = Code === 'AccessDenied' ? 403 : 500;
  return Object.assign(new Error(`${Message} (${Key})`), { name: Code, $metadata: { httpStatusCode } });
}

interface Told {
  readonly Key?: string | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/** A condition of the request does not hold: If-Match, If-None-Match. */
export function isUnmet(error: unknown): boolean {
  return statusOf(error) === 412;
}

/** Another writer was at the same object at the same time. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** Nothing was heard of it, or that it answers nobody: that says nothing about the object. */
function isUnreachable(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return OVERLOADED_STATUS.has(status);
  return nameOf(error) === 'TimeoutError' || UNCONNECTED.has((error as { readonly code?: string }).code ?? '');
}

/** Connections that fail at several addresses say so without a message, and answers to HEAD have no body. */
function detailOf(error: unknown): string {
  const { name = '', message = '', code } = error as { name?: string; message?: string; code?: string };
  const status = statusOf(error);
  const short = status === undefined ? (code ?? name) : `status ${status}`;
  const said = message === '' || message === 'UnknownError' ? short : message;
  return said.replace(/\s+/g, ' ').replace(/\.$/, '');
}

/** What went wrong with an object or root, in words of the catalogue. */
export function explainFailure(error: unknown, uri: string, access: Access): BadInput | Transient {
  if (error instanceof BadInput || error instanceof Transient) return error;
  // It holds the request, whose signature is nobody's to log.
  if (error instanceof Error) Reflect.deleteProperty(error, '$response');
  const name = nameOf(error);
  if (NO_BUCKET.has(name)) return new BadInput('PATH_MISSING', { path: `s3://${parseS3Uri(uri).bucket}` }, error);
  if (name === 'CredentialsProviderError') return new Transient('CREDENTIALS_MISSING', { path: uri }, error);
  const detail = detailOf(error);
  if (statusOf(error) === 403 || REFUSED.has(name)) {
    return new Transient('ACCESS_DENIED', { path: uri, detail, access }, error);
  }
  if (isUnreachable(error)) return new Transient('STORE_UNREACHABLE', { path: uri, detail }, error);
  return new Transient(access === 'read' ? 'READ_FAILED' : 'WRITE_FAILED', { path: uri, detail }, error);
}

/** Does what `work` says with an object or root. @throws as explainFailure says */
export async function orFail<T>(uri: string, access: Access, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFailure(error, uri, access);
  }
}

/** Says of a version of an object that it is not what is there. */
export function toChanged(uri: string) {
  return (error: unknown): never => {
    if (isUnmet(error)) throw new Transient('READ_FAILED', { path: uri, detail: 'it has changed since' }, error);
    if (isGone(error) || isUnknownVersion(error))
      throw new Transient('READ_FAILED', { path: uri, detail: 'it is there no more' }, error);
    throw error;
  };
}
