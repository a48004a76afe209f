import { InvalidArgumentError } from 'commander';

const MOST_DAYS = 36_500;

/** A number of days on a command line. @throws InvalidArgumentError */
export function parseDays(text: string): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= MOST_DAYS) return days;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_DAYS}.`);
}
