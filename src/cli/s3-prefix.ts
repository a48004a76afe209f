import { InvalidArgumentError } from 'commander';
import { isS3Uri } from '../store/index.js';

/** A prefix in S3 that an option names, without slashes at its end. Throws InvalidArgumentError. */
export function s3Prefix(text: string): string {
  const prefix = text.replace(/\/+$/, '');
  if (!isS3Uri(prefix)) throw new InvalidArgumentError('It must be a prefix in S3: s3://bucket/prefix.');
  return prefix;
}
