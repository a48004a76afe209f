import { BadInput } from '../errors.js';

const SCHEME = 's3://';

/** Keys stand in a URI as they are, without any escapes. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

export function isS3Uri(uri: string): boolean {
  return uri.startsWith(SCHEME);
}

/** @throws BadInput USAGE where no bucket is named */
export function parseS3Uri(uri: string): S3Location {
  const [bucket = '', ...parts] = uri.slice(SCHEME.length).split('/');
  if (bucket === '') throw new BadInput('USAGE', { detail: `${uri}: names no bucket: write s3://bucket/prefix` });
  return { bucket, key: parts.join('/') };
}

export function s3Uri({ bucket, key }: S3Location): string {
  return `${SCHEME}${bucket}/${key}`;
}

/** The last part of the prefix, or the bucket. */
export function nameOfS3(root: string): string {
  const { bucket, key } = rootOf(root);
  return key === '' ? bucket : key.slice(key.lastIndexOf('/') + 1);
}

/** A root without the slashes at its end. */
export function rootOf(root: string): S3Location {
  const { bucket, key } = parseS3Uri(root);
  return { bucket, key: key.replace(/\/+$/, '') };
}

/** What the keys of all objects below a root begin with. */
export function prefixOf({ key }: S3Location): string {
  return key === '' ? '' : `${key}/`;
}

/**
 * Where an object lies below a prefix; undefined for what is no data: hidden ones, markers, and the empty objects by which
 * consoles show folders. @throws BadInput USAGE where a part of the path is empty: as a file it would have another's name
 */
export function pathBelow(prefix: string, { bucket, key }: S3Location, bytes: number): string | undefined {
  const path = key.slice(prefix.length);
  if (bytes === 0 && (path === '' || path.endsWith('/'))) return undefined;
  const parts = path.split('/');
  if (parts.some((part) => part.startsWith('.') || part.startsWith('_'))) return undefined;
  if (!parts.includes('')) return path;
  throw new BadInput('USAGE', { detail: `${s3Uri({ bucket, key })}: a part of its name is empty: rename the object` });
}

/** Versions go by their ETag, which is quoted, where the bucket gives them no id. */
export function isETag(version: string): boolean {
  return version.startsWith('"') || version.startsWith('W/');
}
