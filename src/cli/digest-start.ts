import { InvalidArgumentError } from 'commander';

/** The beginning of a digest on a command line. @throws InvalidArgumentError */
export function parseDigestStart(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text;
  throw new InvalidArgumentError('give at least 8 digits of the digest that was shown');
}
